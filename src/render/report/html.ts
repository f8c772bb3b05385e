/** Markup that is safe to put into a page as it is: only `html` makes it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Markup | string | number | null | false | readonly Part[];

/**
 * A template whose values are escaped, unless they're markup themselves. `null` and `false` leave nothing, lists are
 * joined.
 *
 * @example
 * html`<li title="${name}">${items.map((item) => html`<b>${item}</b>`)}</li>`
 */
export function html(literals: TemplateStringsArray, ...values: readonly Part[]): Markup {
  let text = literals[0] ?? '';
  values.forEach((value, index) => {
    text += render(value) + (literals[index + 1] ?? '');
  });
  return new Markup(text);
}

function render(value: Part): string {
  if (value === null || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(render).join('');
  return escapeHtml(String(value));
}

/** Text for an element or a quoted attribute. Control characters, which HTML can’t hold, become U+FFFD. */
function escapeHtml(text: string): string {
  return text
    .replaceAll(/(?![\t\n])\p{Cc}/gu, '\uFFFD')
    .replaceAll(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}
