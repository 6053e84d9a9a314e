/** What a template cannot say, or a recipient's variables cannot fill; the attempt ends as RENDER_FAILED. Never holds a value, only names. */
export class RenderError extends Error {
  constructor(
    readonly reason: 'BAD_SYNTAX' | 'UNKNOWN_VARIABLE' | 'TOO_LONG',
    message: string,
  ) {
    super(message);
    this.name = 'RenderError';
  }
}

/** A template cut at its variables: texts has one element more than variables. */
export interface Template {
  readonly texts: readonly string[];
  readonly variables: readonly string[];
}

/** Characters of a rendered text at most: values come from a register's cells and must not blow up a mail. */
const MAX_RENDERED = 20_000;
/** Templates kept parsed: one campaign has a subject and a body a channel, and few campaigns run at once. */
const MAX_CACHED = 256;
const VARIABLE_NAME = /^[a-z][a-z0-9_]{0,63}$/;

const cache = new Map<string, Template>();

/**
 * Reads a strict template: text and "{{ name }}", nothing else; no tags, filters, paths or literals, so nothing a partner writes can loop, recurse
 * or look into an object. Drafts are checked by it and channels render with it. Throws RenderError BAD_SYNTAX.
 */
export function parseTemplate(source: string): Template {
  const known = cache.get(source);
  if (known) return known;
  const texts: string[] = [];
  const variables: string[] = [];
  let rest = 0;
  for (let open = source.indexOf('{{'); open >= 0; open = source.indexOf('{{', rest)) {
    const close = source.indexOf('}}', open + 2);
    if (close < 0) throw new RenderError('BAD_SYNTAX', 'A "{{" has no "}}" after it.');
    const name = source.slice(open + 2, close).trim();
    if (!VARIABLE_NAME.test(name))
      throw new RenderError('BAD_SYNTAX', 'Only "{{ name }}" is allowed: a lower-case name without filter or path.');
    texts.push(plainText(source.slice(rest, open)));
    variables.push(name);
    rest = close + 2;
  }
  texts.push(plainText(source.slice(rest)));
  const template = { texts, variables };
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(source, template);
  return template;
}

/** The names a template uses, each once. */
export function templateVariables(source: string): string[] {
  return [...new Set(parseTemplate(source).variables)];
}

/** Fills a template; a variable without a value of its own throws RenderError UNKNOWN_VARIABLE. */
export function renderTemplate(source: string, variables: Readonly<Record<string, string>>): string {
  const template = parseTemplate(source);
  let text = template.texts[0] ?? '';
  template.variables.forEach((name, at) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value === undefined) throw new RenderError('UNKNOWN_VARIABLE', `The recipient has no "${name}".`);
    text += value + (template.texts[at + 1] ?? '');
  });
  if (text.length > MAX_RENDERED) throw new RenderError('TOO_LONG', `The text would be ${text.length} characters, above ${MAX_RENDERED}.`);
  return text;
}

function plainText(text: string): string {
  if (text.includes('{%') || text.includes('%}') || text.includes('}}')) {
    throw new RenderError('BAD_SYNTAX', 'Tags "{% %}" and a lone "}}" are not allowed.');
  }
  return text;
}
