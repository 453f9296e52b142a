// The page's own words, in English and Chinese; others of a release are in its codelists.

/** @type {Record<string, Record<string, string>>} */
const WORDS = {
  en: {
    search: "Search all tables", explorer: "Look for something", nothing: "Nothing has all of these words.",
    more: "More rows", of: "{n} of {m} rows", all: "All {m} rows", missing: "missing", filters: "Filters",
    remove: "Remove the filter {name}", save: "Save as CSV", copy: "Copy as CSV", copied: "Copied", back: "All tables",
    formula: "This file is for programs; spreadsheets may run formulas in it.", dictionary: "Dictionary",
    results: "{n} results", see: "All {n} rows of {table}", differs: "≠ differs between editions", only: "Only what differs",
    findings: "What was noticed", refer: "Rows that refer here", cite: "Cite this record", unknown: "{name} is not here.",
    large: "This table is larger than what is kept in the page. Open the page from a server to read it here, or load it:",
    previous: "Previous", next: "Next", contains: "contains", from: "from", to: "to", only_missing: "missing only", failed: "This cannot be shown: {why}",
    field: "Field", languages: "Language", filter: "Filter",
  },
  zh: {
    search: "搜索所有表", explorer: "查找", nothing: "没有同时包含这些词的内容。",
    more: "更多行", of: "{m} 行中的 {n} 行", all: "共 {m} 行", missing: "缺失", filters: "筛选",
    remove: "移除筛选 {name}", save: "另存为 CSV", copy: "复制为 CSV", copied: "已复制", back: "所有表",
    formula: "此文件供程序使用；电子表格可能会运行其中的公式。", dictionary: "数据字典",
    results: "{n} 个结果", see: "{table} 的全部 {n} 行", differs: "≠ 各语言版本不同", only: "仅显示不同之处",
    findings: "发现的问题", refer: "引用此处的行", cite: "引用此记录", unknown: "此处没有 {name}。",
    large: "此表过大，未保存在页面中。请从服务器打开本页以在此阅读，或加载：",
    previous: "上一条", next: "下一条", contains: "包含", from: "从", to: "到", only_missing: "仅缺失", failed: "无法显示：{why}",
    field: "字段", languages: "语言", filter: "筛选",
  },
};

/** The languages of the page's words. */
export const SPOKEN = Object.keys(WORDS);

/**
 * A word of the page in a language, English where it has none.
 * @param {string} language @param {string} name @param {Record<string, string | number>} values
 */
export function say(language, name, values = {}) {
  const text = (WORDS[language] ?? WORDS.en)[name];
  return text.replace(/\{(\w+)\}/g, (_, key) => String(values[key]));
}
