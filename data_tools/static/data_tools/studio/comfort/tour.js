// Five stops that show where things are. Nothing is blocked meanwhile: whoever begins to work just
// leaves it.

import { html, say, useEffect, useLayoutEffect, useRef, useState } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { keepOnDevice, keptOnDevice } from "../../page/kept_on_device.js";
import { Store, useStore } from "../../page/store.js";
import { placeBeside, STOPS } from "./tour_stops.js";

const KEPT_AS = "studio-tour";
const GAP = 12; // px between the words and what they point at

const tour = new Store({
  stop: /** @type {number | null} */ (null), // null: it is not shown
  isOffered: keptOnDevice(KEPT_AS) !== "seen",
});

export function startTour() {
  tour.set({ stop: 0 });
}

function endTour() {
  keepOnDevice(KEPT_AS, "seen");
  tour.set({ stop: null, isOffered: false });
}

/** Offers the tour until it was taken or declined on this device. */
export function TourOffer() {
  const { isOffered, stop } = useStore(tour);
  if (!isOffered || stop !== null) return null;
  return html`<span class="tour-offer joined">
    <button type="button" onClick=${startTour}>${say("tour.take")}</button>
    <button type="button" aria-label=${say("tour.decline")} onClick=${endTour}>
      <${Icon} name="x" />
    </button>
  </span>`;
}

export function Tour() {
  const stop = useStore(tour, (state) => state.stop);
  return stop !== null && html`<${Stop} key=${stop} number=${stop} />`;
}

function Stop({ number }) {
  const { at, title, text } = STOPS[number];
  const words = useRef(/** @type {HTMLElement | null} */ (null));
  const [place, setPlace] = useState(/** @type {any} */ (null));

  useLayoutEffect(() => {
    const element = words.current;
    element.showPopover?.(); // above everything else, also where the page scrolls
    /** @type {HTMLElement} */ (element.querySelector(".primary")).focus();
    const look = () => {
      const target = at.map(visible).find(Boolean)?.getBoundingClientRect();
      const size = element.getBoundingClientRect();
      const space = { width: innerWidth, height: innerHeight };
      setPlace(target ? { target, words: placeBeside(target, size, space, GAP) } : {});
    };
    look();
    addEventListener("resize", look);
    addEventListener("scroll", look, true);
    return () => {
      removeEventListener("resize", look);
      removeEventListener("scroll", look, true);
    };
  }, []);
  useEffect(() => {
    const end = (event) => {
      if (event.key === "Escape" && !document.querySelector("dialog[open]")) endTour();
    };
    addEventListener("keydown", end);
    return () => removeEventListener("keydown", end);
  }, []);

  const isLast = number === STOPS.length - 1;
  const go = (to) => tour.set({ stop: to });
  return html`${
    place?.target && html`<div class="tour-ring" style=${inPixels(place.target)}></div>`
  }
    <section
      ref=${words}
      class="tour ${place?.words ? "" : "in-the-middle"}"
      popover="manual"
      role="dialog"
      aria-labelledby="tour-title"
      aria-describedby="tour-text"
      style=${place?.words ? inPixels(place.words) : {}}
    >
      <h2 id="tour-title">${say(title)}</h2>
      <p id="tour-text">${say(text)}</p>
      <footer>
        <small>${say("tour.count", { number: number + 1, of: STOPS.length })}</small>
        ${
          !isLast &&
          html`<button type="button" class="link" onClick=${endTour}>${say("tour.end")}</button>`
        }
        ${
          number > 0 &&
          html`<button type="button" onClick=${() => go(number - 1)}>${say("tour.back")}</button>`
        }
        <button type="button" class="primary" onClick=${() => (isLast ? endTour() : go(number + 1))}>
          ${say(isLast ? "tour.done" : "tour.next")}
        </button>
      </footer>
    </section>`;
}

function inPixels({ left, top, width, height }) {
  const given = Object.entries({ left, top, width, height }).filter(
    ([, value]) => value !== undefined,
  );
  return Object.fromEntries(given.map(([name, value]) => [name, `${value}px`]));
}

function visible(selector) {
  const element = document.querySelector(selector);
  return element?.checkVisibility() ? element : undefined;
}
