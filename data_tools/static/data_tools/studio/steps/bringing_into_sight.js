// Scrolls the grid to a column without taking the focus there.

/**
 * Show a column, once the page has drawn what was just changed.
 *
 * @param {string} name
 * @param {() => void} [orElse] is called if its header is not drawn: of very many columns only those
 *     in sight are
 */
export function bringIntoSight(name, orElse = () => {}) {
  requestAnimationFrame(() => {
    const header = document.querySelector(`.gridbox th[data-name="${CSS.escape(name)}"]`);
    if (header) header.scrollIntoView({ block: "nearest", inline: "nearest" });
    else orElse();
  });
}
