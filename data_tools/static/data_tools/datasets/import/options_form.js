// The reading options of a file: what was guessed, how sure that is and why, and what else to choose.

import { html, say } from "../../page/html.js";
import { ChoiceField } from "./choice_field.js";
import {
  DECIMALS,
  DELIMITERS,
  ENCODINGS,
  ESCAPES,
  OPTIONS_OF,
  QUOTES,
  THOUSANDS,
} from "./choices.js";
import { setOptions } from "./importing.js";
import { markName, valueName } from "./option_words.js";

const marks = (characters) => characters.map((each) => [each, markName(each)]);

/** @param {{ file: import("./state.js").ImportedFile }} props */
export function OptionsForm({ file }) {
  const { options, preview } = file;
  const kind = preview.guesses.kind?.value ?? "csv";
  const { first, more } = OPTIONS_OF[kind] ?? OPTIONS_OF.csv;
  const fields = (names) =>
    names.map(
      (name) =>
        html`<${OptionField}
          key=${name}
          name=${name}
          value=${options[name]}
          guess=${preview.guesses[name]}
          sheets=${preview.ingest_report.sheets}
        />`,
    );
  const isAsked = more.some((name) => options[name] !== undefined);
  return html`<form class="options" onSubmit=${(event) => event.preventDefault()}>
    ${
      preview.guesses.kind &&
      html`<p class="options-kind">
      ${say(`kind.${kind}`)} <${Certainty} guess=${preview.guesses.kind} />
    </p>`
    }
    ${fields(first)}
    ${
      more.length > 0 &&
      html`<details open=${isAsked}>
      <summary>${say("steps.more")}</summary>
      ${fields(more)}
    </details>`
    }
    ${
      Object.keys(options).length > 0 &&
      html`<button
      type="button"
      class="link"
      onClick=${() =>
        setOptions(Object.fromEntries(Object.keys(options).map((name) => [name, undefined])))}
    >
      ${say("import.guessAll")}
    </button>`
    }
  </form>`;
}

function OptionField({ name, value, guess, sheets }) {
  const set = (chosen) => setOptions({ [name]: chosen });
  const label = say(`option.${name}`);
  const detected = guess && say("import.detected", { value: valueName(name, guess.value) });
  const field = (choices, other) =>
    html`<${ChoiceField}
      label=${label}
      value=${value}
      unchosen=${value === undefined && detected ? detected : say("import.detect")}
      choices=${choices}
      other=${other}
      onChoose=${set}
    >
      ${value === undefined && html`<${Certainty} guess=${guess} />`}
    <//>`;
  switch (name) {
    case "encoding":
      return field(ENCODINGS, { type: "text", label: say("option.encoding.other") });
    case "delimiter":
      return field(marks(DELIMITERS), {
        type: "text",
        maxLength: 1,
        label: say("option.oneCharacter"),
      });
    case "quote":
      return field(marks(QUOTES), {
        type: "text",
        maxLength: 1,
        label: say("option.oneCharacter"),
      });
    case "escape":
      return field(
        ESCAPES.map((each) => [each, each ? markName(each) : say("option.escape.doubled")]),
      );
    case "header_row":
      return field([[null, say("option.header_row.none")]], {
        type: "number",
        label: say("option.header_row.which"),
      });
    case "sheet":
      return field((sheets ?? []).map((each) => [each, each]));
    case "decimal":
      return html`<${ChoiceField}
        label=${label}
        value=${value}
        unchosen=${markName(".")}
        choices=${marks(DECIMALS).slice(1)}
        onChoose=${set}
      />`;
    case "thousands":
      return html`<${ChoiceField}
        label=${label}
        value=${value}
        unchosen=${markName("")}
        choices=${marks(THOUSANDS).slice(1)}
        onChoose=${set}
      />`;
    case "trim":
      return html`<${Switch} label=${label} isOn=${value === true} onSwitch=${(on) => set(on || undefined)} />`;
    case "ragged":
    case "bad_bytes": {
      const [on] = { ragged: ["pad"], bad_bytes: ["replace"] }[name];
      return html`<${Switch}
        label=${label}
        isOn=${value === on}
        onSwitch=${(isOn) => set(isOn ? on : undefined)}
      />`;
    }
    case "null_values":
      return html`<label class="field">
        ${label}
        <textarea
          rows="2"
          placeholder=${say("option.null_values.usual")}
          onInput=${({ target }) => set(linesOf(target.value))}
        >
${(value ?? []).join("\n")}</textarea
        >
        <small class="mute">${say("option.null_values.why")}</small>
      </label>`;
    default:
      return html`<label class="field">
        ${label}
        <input
          type=${name === "comment" ? "text" : "number"}
          min="0"
          maxlength="20"
          value=${value ?? ""}
          onInput=${({ target }) => {
            const number = name === "comment" ? target.value : Number(target.value);
            set(number || undefined);
          }}
        />
      </label>`;
  }
}

function Switch({ label, isOn, onSwitch }) {
  return html`<label class="switch">
    <input type="checkbox" checked=${isOn} onChange=${(event) => onSwitch(event.target.checked)} />
    ${label}
  </label>`;
}

/** How sure a guess is, and why. @param {{ guess?: { certainty: string, why: string } }} props */
export function Certainty({ guess }) {
  if (!guess) return null;
  return html`<small class="certainty ${guess.certainty}">
    <strong>${say(`certainty.${guess.certainty}`)}.</strong> ${guess.why}
  </small>`;
}

function linesOf(text) {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.length > 0 ? lines : undefined;
}
