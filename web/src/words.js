// The page's own words, in English and Chinese; others of a release are in its codelists.

/** @type {Record<string, Record<string, string>>} */
const WORDS = {
  en: {
    search: "Search all tables", explorer: "Look for something", nothing: "Nothing has all of these words.",
    more: "More rows", of: "{n} of {m} rows", all: "All {m} rows", missing: "missing", filters: "Filters",
    remove: "Remove the filter {name}", save: "Save as CSV", copy: "Copy as CSV", copied: "Copied", back: "All tables",
    formula: "This file is for programs; spreadsheets may run formulas in it.", dictionary: "Dictionary",
    results: "{n} results", see: "All {n} rows of {table}", differs: "≠ differs between editions", only: "Only what differs", alike: "Nothing differs between the editions.",
    findings: "What was noticed", refer: "Rows that refer here", cite: "Cite this record", unknown: "Not here: {name}. This is the nearest to it.",
    large: "This table is larger than what is kept in the page. Open the page from a server to read it here, or load it:",
    previous: "Previous", next: "Next", contains: "contains", from: "from", to: "to", only_missing: "missing only", failed: "This cannot be shown: {why}",
    field: "Field", languages: "Language", filter: "Filter", reading: "Reading …", saving: "Saving …",
    not_searched: "Not searched: {names}. They are larger than what is kept in the page; open the page from a server to search them.",
    larger: "Not searched yet, because they are large: {names}. Reads {size}.", search_large: "Search large tables (Enter)",
    searching: "Searching", searched: "All tables are searched.", stopped: "Stopped.", stop: "Stop", too_large: "This selection is too large to be made here; take the file: {path}",
    claimed: "The value it speaks to", in_document: "In the document", absent: "not in this edition", to_results: "Results",
    noticed: "Noticed on this record: {n}", load: "code for other tools",
    panel: "Filter by column", selected: "selected", all_rows: "all rows", distinct: "different values", lowest: "lowest", median: "middle", highest: "highest",
    lengths: "Length in characters:", count: "Count all values (reads {size})", more_values: "{n} more values", rest: "{n} of them are not listed: look for a part.",
    no_number: "This is no number.", empty: "(empty text)",
    group_records: "Records", group_about: "About the records", group_codelists: "Codelists",
    no_ranges: "The server sends files as a whole only, and this table has {size}. Take the file, or load it:",
    copy_code: "Copy", not_copied: "The browser does not let this page copy.",
    most: "These are the first {n}: filter the rows, or save them as CSV, to see the others.", results_of: "Results for {words}",
    words: "words", more_items: "More",
  },
  zh: {
    search: "搜索所有表", explorer: "查找", nothing: "没有同时包含这些词的内容。",
    more: "更多行", of: "{m} 行中的 {n} 行", all: "共 {m} 行", missing: "缺失", filters: "筛选",
    remove: "移除筛选 {name}", save: "另存为 CSV", copy: "复制为 CSV", copied: "已复制", back: "所有表",
    formula: "此文件供程序使用；电子表格可能会运行其中的公式。", dictionary: "数据字典",
    results: "{n} 个结果", see: "{table} 的全部 {n} 行", differs: "≠ 各语言版本不同", only: "仅显示不同之处", alike: "各语言版本没有不同。",
    findings: "发现的问题", refer: "引用此处的行", cite: "引用此记录", unknown: "此处没有：{name}。以下是最接近的内容。",
    large: "此表过大，未保存在页面中。请从服务器打开本页以在此阅读，或加载：",
    previous: "上一条", next: "下一条", contains: "包含", from: "从", to: "到", only_missing: "仅缺失", failed: "无法显示：{why}",
    field: "字段", languages: "语言", filter: "筛选", reading: "正在读取…", saving: "正在保存…",
    not_searched: "未搜索：{names}。这些表过大，未保存在页面中；请从服务器打开本页以搜索它们。",
    larger: "以下大表尚未搜索：{names}。将读取 {size}。", search_large: "搜索大表（回车键）",
    searching: "正在搜索", searched: "所有表均已搜索。", stopped: "已停止。", stop: "停止", too_large: "此选择过大，无法在此生成；请使用文件：{path}",
    claimed: "所涉及的值", in_document: "在文档中", absent: "此语言版本中没有", to_results: "搜索结果",
    noticed: "此记录的发现：{n}", load: "其他工具的代码",
    panel: "按列筛选", selected: "已选", all_rows: "所有行", distinct: "不同的值", lowest: "最小", median: "中位", highest: "最大",
    lengths: "字符长度：", count: "统计所有值（读取 {size}）", more_values: "另外 {n} 个值", rest: "其中 {n} 个未列出：请按部分内容查找。",
    no_number: "这不是数字。", empty: "（空文本）",
    group_records: "记录", group_about: "关于记录", group_codelists: "代码表",
    no_ranges: "此服务器只发送完整文件，而此表有 {size}。请下载文件，或加载：",
    copy_code: "复制", not_copied: "浏览器不允许此页面复制。",
    most: "这里是前 {n} 行：请筛选，或另存为 CSV，以查看其余的行。", results_of: "“{words}”的结果",
    words: "词语", more_items: "更多",
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
