// Draws a view again in the place of one like it: what has the focus keeps it, and nothing jumps.

const REGIONS = ".facets, .scroll";
const ROWS = ".rows tbody tr";

/**
 * Puts a view in the place of the one before. The element that tells how many rows there are stays and says the new
 * number, so that it is heard; the element that had the focus is the new one of that name, or else the heading.
 * @param {HTMLElement} place @param {HTMLElement} view
 */
export function redraw(place, view) {
  const focused = /** @type {HTMLElement | null} */ (place.contains(document.activeElement) ? document.activeElement : null);
  const name = focused?.dataset.stay;
  const rows = place.querySelectorAll(ROWS).length;
  const regions = [...place.querySelectorAll(REGIONS)].map(({ scrollTop, scrollLeft }) => ({ scrollTop, scrollLeft }));
  const opened = new Set([...place.querySelectorAll("details[data-open][open]")].map((each) => /** @type {HTMLElement} */ (each).dataset.open));
  for (const each of view.querySelectorAll("details[data-open]")) if (opened.has(/** @type {HTMLElement} */ (each).dataset.open)) each.setAttribute("open", "");
  swap(place, view);
  [...place.querySelectorAll(REGIONS)].forEach((region, at) => Object.assign(region, regions[at]));
  if (!focused) return;
  const next = name === undefined ? null : [...place.querySelectorAll("[data-stay]")].find((each) => /** @type {HTMLElement} */ (each).dataset.stay === name);
  const first = /** @type {HTMLElement | undefined} */ (name === "more rows" ? place.querySelectorAll(ROWS)[rows] : undefined);
  if (first) first.tabIndex = -1;
  const target = /** @type {HTMLElement | null} */ (first ?? next ?? place.querySelector("#view"));
  target?.focus({ preventScroll: Boolean(first ?? next) });
}

/** @param {HTMLElement} place @param {HTMLElement} view */
function swap(place, view) {
  const [old, status] = [place.firstElementChild, place.querySelector(".count")];
  const told = view.querySelector(".count");
  if (!old || !status || !told || status.parentElement !== old || told.parentElement !== view) {
    place.replaceChildren(view);
    return;
  }
  for (const each of [...old.childNodes]) if (each !== status) each.remove();
  let isAfter = false;
  for (const each of [...view.childNodes]) {
    if (each === told) isAfter = true;
    else if (isAfter) old.append(each);
    else status.before(each);
  }
  if (status.textContent !== told.textContent) status.textContent = told.textContent;
}
