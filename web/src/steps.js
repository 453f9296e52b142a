// Long work in steps, between which the page answers.

/** The longest step, in milliseconds. */
const STEP = 40;

/** A function that lets the page answer, if the step has lasted long. @returns {() => Promise<void>} */
export function makeRest() {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < STEP) return;
    await new Promise((resolve) => setTimeout(resolve));
    since = performance.now();
  };
}
