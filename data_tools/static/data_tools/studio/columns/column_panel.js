// All figures of one column; a bar or a value that is clicked becomes the filter.

import { exactNumber, integer, percent, shortNumber } from "../../page/formats.js";
import { html, say, useEffect, useRef, useStore } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { editFilterOf, filterColumnBy } from "../filters/filtering.js";
import { shownColumn } from "../filters/sentences.js";
import { shownValue } from "../filters/shown_value.js";
import { figures as figuresStore } from "../state/figures.js";
import { panels } from "../state/panels.js";
import { view } from "../state/view.js";
import { ColumnSteps } from "../steps/column_steps.js";
import { valueCount } from "./captions.js";
import { useFigures } from "./figures_reading.js";
import { bucketEntry, Histogram } from "./histogram.js";
import { TypeMark } from "./type_mark.js";

const QUANTILES = ["0.05", "0.25", "0.50", "0.75", "0.95"];

/** @param {{ column: { name: string, type: string } }} props */
export function ColumnPanel({ column }) {
  const measured = useFigures(column);
  const isWaiting = useStore(figuresStore, (state) => state.isWaiting);
  const isFiltered = useStore(view, (state) => state.filter.length > 0);
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => heading.current.focus(), [column.name]);
  const close = () => panels.set({ column: null });
  return html`<aside
    class="side panel"
    aria-label=${say("columns.figuresOf", { column: shownColumn(column.name) })}
    onKeyDown=${(event) => event.key === "Escape" && close()}
  >
    <header class="side-top">
      <button type="button" class="quiet" onClick=${close}>
        <${Icon} name="chevron-left" /> ${say("columns.title")}
      </button>
    </header>
    <h2 class="panel-name" tabindex="-1" ref=${heading}>
      <${TypeMark} type=${column.type} />
      <span title=${column.name}>${shownColumn(column.name)}</span>
    </h2>
    <div class="panel-body ${measured?.isOlder ? "older" : ""}">
      ${measured?.isOlder && html`<p class="mute" role="status">${say("columns.older")}</p>`}
      ${!measured && html`<p class="mute" role="status">${say(isWaiting ? "columns.waiting" : "columns.measuring")}</p>`}
      ${measured && isFiltered && html`<p class="mute">${say("columns.ofAllRows", { count: measured.totalRows })}</p>`}
      ${measured && html`<${AllFigures} figures=${measured.figures} column=${column} />`}
    </div>
    <footer class="side-foot">
      <button type="button" onClick=${() => editFilterOf(column.name)}>
        <${Icon} name="filter" /> ${say("filter.open")}
      </button>
    </footer>
  </aside>`;
}

/** @param {{ figures: import("../state/figures.js").Figures, column: { name: string, type: string } }} props */
function AllFigures({ figures, column }) {
  const { histogram, max, most_frequent, distinct_count } = figures;
  const showsValues =
    most_frequent.length > 0 && (!histogram || distinct_count <= most_frequent.length);
  return html`
    ${
      histogram &&
      html`<${Histogram}
        edges=${histogram.edges}
        counts=${histogram.counts}
        max=${max}
        type=${column.type}
        label=${say("columns.histogramOf", { column: shownColumn(column.name) })}
        onChoose=${(bucket) =>
          filterColumnBy(column.name, bucketEntry({ ...histogram, max }, bucket, column.name))}
      />
      <${HistogramTable} histogram=${histogram} max=${max} type=${column.type} />`
    }
    ${showsValues && html`<${TopValues} figures=${figures} column=${column} />`}
    <${FigureTable} figures=${figures} type=${column.type} />
    <${ColumnSteps} column=${{ ...column, null_count: figures.null_count }} />
  `;
}

function TopValues({ figures: { most_frequent, distinct_count }, column }) {
  const most = most_frequent[0].count;
  const left = distinct_count - most_frequent.length;
  return html`<section>
    <h3>${say("columns.topValues")}</h3>
    <ul class="top-values">
      ${most_frequent.map(
        ({ value, count, is_shortened }) =>
          html`<li>
            <button
              type="button"
              disabled=${is_shortened}
              title=${say("columns.showOnly", { value: shownValue(value, column.type) })}
              onClick=${() => filterColumnBy(column.name, { column: column.name, op: "eq", value })}
            >
              <span class="share">
                <i style=${{ width: `${(count / most) * 100}%` }} />
                <span class="value">${shownValue(value, column.type)}</span>
              </span>
              <span class="count">${integer(count)}</span>
            </button>
          </li>`,
      )}
    </ul>
    ${left > 0 && html`<p class="mute">${say("columns.otherValues", { count: left })}</p>`}
  </section>`;
}

function FigureTable({ figures, type }) {
  const { null_count, null_percentage, min, max, mean, std, quantiles } = figures;
  const isNumber = type === "integer" || type === "float";
  const number = (value) =>
    value === null || value === undefined
      ? null
      : html`<span title=${exactNumber(value)}>${numberText(value)}</span>`;
  const rows = [
    ["columns.missing", `${integer(null_count)} (${percent(null_percentage / 100)})`],
    ["columns.distinct", valueCount(figures)],
    ...(type === "boolean" || min === null
      ? []
      : [
          ["columns.min", wholeValue(min, type)],
          ["columns.max", wholeValue(max, type)],
        ]),
    ...(isNumber
      ? [
          ["columns.mean", number(mean)],
          ["columns.std", number(std)],
          ...QUANTILES.map((share) => [`columns.quantile.${share}`, number(quantiles?.[share])]),
        ]
      : []),
  ];
  return html`<section>
    <h3>${say("columns.figures")}</h3>
    <table class="figure-table">
      <tbody>
        ${rows
          .filter(([, value]) => value !== null)
          .map(
            ([key, value]) =>
              html`<tr>
                <th scope="row">${say(/** @type {any} */ (key))}</th>
                <td>${value}</td>
              </tr>`,
          )}
      </tbody>
    </table>
  </section>`;
}

function numberText(value) {
  return shortNumber(value).replace("-", "−");
}

function wholeValue(value, type) {
  const text = shownValue(value, type);
  return html`<span class="long" title=${text}>${text}</span>`;
}

function HistogramTable({ histogram: { edges, counts }, max, type }) {
  return html`<details class="histogram-table">
    <summary>${say("columns.asTable")}</summary>
    <table class="figure-table">
      <thead>
        <tr>
          <th scope="col">${say("columns.from")}</th>
          <th scope="col">${say("columns.to")}</th>
          <th scope="col">${say("datasets.rows")}</th>
        </tr>
      </thead>
      <tbody>
        ${counts.map(
          (count, at) =>
            html`<tr>
              <td>${shownValue(edges[at], type)}</td>
              <td>${shownValue(at === counts.length - 1 ? max : edges[at + 1], type)}</td>
              <td>${integer(count)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}
