// Puts the explorer into the page.

/** @param {Document} page */
function mount(page) {
  const place = page.getElementById("explorer");
  if (place) place.dataset.ready = "";
}

mount(document);
