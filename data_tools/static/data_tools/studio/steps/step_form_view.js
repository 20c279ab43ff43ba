// The fields of a step, the sentence of what it will do, Apply and Cancel.

import { showFailure } from "../../page/failures.js";
import {
  html,
  say,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useStore,
} from "../../page/html.js";
import { TraceId } from "../../page/notices.js";
import { perform } from "../commands.js";
import { rows } from "../state/rows.js";
import { session } from "../state/session.js";
import { closeStep } from "../state/step_form.js";
import { view } from "../state/view.js";
import { fieldsOf, firstValues, mainColumnField, shownFields } from "./form_fields.js";
import { reachesBeyondFilter, suitingTypes } from "./form_layout.js";
import { readForm, typesOfChosen } from "./form_reading.js";
import { rememberStep } from "./recent_steps.js";
import { RefusalView } from "./refusal_view.js";
import { refusalOf } from "./step_errors.js";
import { StepField } from "./step_field.js";
import { willDo } from "./step_sentences.js";
import { useGridColumns } from "./use_grid_columns.js";

/**
 * @param {{
 *   open: import("../state/step_form.js").OpenForm,
 *   declared: import("./form_fields.js").Declared,
 * }} props
 */
export function StepFormView({ open, declared }) {
  const { operation, given, preview, apply = perform } = open;
  const columns = useStore(session, (state) => state.columns);
  const filter = useStore(view, (state) => state.filter);
  const count = useStore(rows, (state) => state.filteredRows);
  const total = useStore(rows, (state) => state.totalRows);
  const fields = useMemo(() => fieldsOf(declared), [declared]);
  const [held, setHeld] = useState(() => firstValues(fields, given));
  const [errors, setErrors] = useState(/** @type {Record<string, string>} */ ({}));
  const [refusal, setRefusal] = useState(/** @type {any} */ (null));
  const [isApplying, setApplying] = useState(false);
  const applied = useRef(false);
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));

  const values = withFilter(fields, held, given, filter);
  const shown = shownFields(fields, values);
  const main = mainColumnField(fields);
  const { parameters, errors: missing } = readForm(shown, values, columns);

  const change = (name, value) => {
    setHeld((before) => ({ ...before, [name]: value }));
    setErrors(({ [name]: _, ...rest }) => rest);
    setRefusal(null);
  };
  useGridColumns({
    field: main,
    values,
    columns,
    suiting: main ? suitingTypes(main, values) : null,
    change,
    isApplied: () => applied.current,
  });
  useEffect(() => {
    const field = fieldToBegin(form.current, open, fields, values);
    field?.focus();
    field?.select?.(); // what is typed takes the place of what is there
  }, []);
  useLayoutEffect(() => {
    if (Object.keys(errors).length > 0) firstFieldIn(form.current, Object.keys(errors))?.focus();
  }, [errors]);

  const send = async (asked) => {
    setApplying(true);
    setRefusal(null);
    try {
      await apply(operation, asked);
      applied.current = true;
      rememberStep(operation);
      closeStep();
    } catch (error) {
      setApplying(false);
      const refused = refusalOf(error, shown, asked);
      setRefusal(refused);
      if (refused?.field) setErrors({ [refused.field]: refused.message });
      if (refused === null) showFailure(error, { again: () => send(asked) });
    }
  };
  const onSubmit = (event) => {
    event.preventDefault();
    if (isApplying) return;
    if (Object.keys(missing).length > 0) setErrors(missing);
    else send(parameters);
  };

  const onKeyDown = (event) => {
    const isOnSelect = event.target.tagName === "SELECT"; // the only field that Enter does not send
    if (event.key !== "Enter" || !(isOnSelect || event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.current.requestSubmit();
  };

  const fieldView = (field) =>
    html`<${StepField}
      key=${field.name}
      field=${field}
      value=${values[field.name]}
      onChange=${(value) => change(field.name, value)}
      error=${errors[field.name]}
      columns=${columns}
      suiting=${suitingTypes(field, values)}
      chosenTypes=${typesOfChosen(fields, values, columns)}
    />`;
  const more = shown.filter((field) => field.isUnderMore);
  return html`<form class="step-form" ref=${form} onSubmit=${onSubmit} onKeyDown=${onKeyDown} noValidate>
    <div class="step-fields">
      ${shown.filter((field) => !field.isUnderMore).map(fieldView)}
      ${
        more.length > 0 &&
        html`<details open=${more.some(({ name }) => errors[name]) || undefined}>
        <summary>${say("steps.more")}</summary>
        ${more.map(fieldView)}
      </details>`
      }
      <details>
        <summary>${say("steps.whatItDoes")}</summary>
        <p class="mute">${declared.description}</p>
      </details>
    </div>
    <div class="step-end">
      <p id="step-sentence" class="step-sentence">
        ${willDo(operation, parameters) ?? declared.description}
        ${
          filter.length > 0 &&
          count < total &&
          reachesBeyondFilter(operation, fields) &&
          html`${" "}<strong>${say("steps.allRows", { count, total })}</strong>`
        }
      </p>
      ${preview?.(operation, parameters)}
      ${
        refusal &&
        html`<${RefusalView}
        refusal=${refusal}
        onFormat=${(format) => change("date_format", format)}
        onMakeMissing=${() => {
          change("on_error", "null");
          send({ ...parameters, on_error: "null" });
        }}
      />`
      }
      <div class="step-actions">
        <button type="submit" class="primary" aria-describedby="step-sentence" aria-disabled=${isApplying}>
          ${say(isApplying ? "steps.applying" : "steps.apply")}
        </button>
        <button type="button" onClick=${closeStep}>${say("page.cancel")}</button>
        ${refusal?.traceId && html`<${TraceId} id=${refusal.traceId} />`}
      </div>
    </div>
  </form>`;
}

/** A field for a filter holds the one above the grid, unless the form came with another. */
function withFilter(fields, held, given, filter) {
  const field = fields.find(({ kind, name }) => kind === "filter" && given[name] === undefined);
  return field ? { ...held, [field.name]: filter } : held;
}

/** The field that has to be filled in, or else the first that did not come with a value. */
function fieldToBegin(form, open, fields, values) {
  const { given } = open;
  const begins =
    fields.find(({ name, required }) => required && !values[name]?.length) ??
    fields.find(({ name }) => given[name] === undefined);
  return firstFieldIn(form, [open.focus ?? begins?.name]) ?? form.querySelector("[type=submit]");
}

function firstFieldIn(form, names) {
  const places = names.map((name) => form.querySelector(`[data-field="${name}"]`)).filter(Boolean);
  const within = (selector) => places[0]?.querySelector(selector);
  return (
    within("input:not([type=checkbox], [type=radio]), select") ??
    within("input:checked, input, button")
  );
}
