import { keptPieces, type Pieces } from '../../text/pieces.ts';

/** Markup that is safe to put into a page as it is: only `html` makes it. It's written where it belongs, piece by piece. */
export class Markup {
  readonly #literals: readonly string[];
  readonly #values: readonly Part[];

  constructor(literals: readonly string[], values: readonly Part[] = []) {
    this.#literals = literals;
    this.#values = values;
  }

  *texts(): Generator<string> {
    for (const [index, literal] of this.#literals.entries()) {
      yield literal;
      yield* textsOf(this.#values[index] ?? null);
    }
  }

  /** In UTF-8. A long page is never a string of its own, which would take several times as much. */
  encode(): Pieces {
    return keptPieces(this.texts());
  }
}

type Part = Markup | string | number | null | false | Iterable<Part>;

/**
 * A template whose values are escaped, unless they're markup themselves. `null` and `false` leave nothing, lists are
 * joined.
 *
 * @example
 * html`<li title="${name}">${items.map((item) => html`<b>${item}</b>`)}</li>`
 */
export function html(literals: TemplateStringsArray, ...values: readonly Part[]): Markup {
  return new Markup(literals, values);
}

/** A list that is as long as the video: its markup is made as it's written, and gone then. */
export function* each<Item>(items: Iterable<Item>, partOf: (item: Item) => Part): Generator<Part> {
  for (const item of items) yield partOf(item);
}

function* textsOf(value: Part): Generator<string> {
  if (value === null || value === false) return;
  if (value instanceof Markup) yield* value.texts();
  else if (typeof value === 'object') for (const item of value) yield* textsOf(item);
  else yield escapeHtml(String(value));
}

/** Text for an element or a quoted attribute. Control characters, which HTML can’t hold, become U+FFFD. */
function escapeHtml(text: string): string {
  return text
    .replaceAll(/(?![\t\n])\p{Cc}/gu, '\uFFFD')
    .replaceAll(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}
