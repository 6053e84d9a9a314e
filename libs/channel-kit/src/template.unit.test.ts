import { describe, expect, it } from 'vitest';
import { type RenderError, parseTemplate, renderTemplate, templateVariables } from './template.js';

describe('strict templates', () => {
  it.each([
    ['plain text stays as it is', 'Crue de la Loire', {}, 'Crue de la Loire'],
    ['a variable is filled', 'Bonjour {{ first_name }},', { first_name: 'Zoé' }, 'Bonjour Zoé,'],
    ['spaces around the name do not matter', '{{first_name}}{{  city }}', { first_name: 'A', city: 'B' }, 'AB'],
    ['a value that looks like a template is only text', '{{ city }}', { city: '{{ first_name }}' }, '{{ first_name }}'],
    ['an empty value is a value', '[{{ city }}]', { city: '' }, '[]'],
    ['single braces are text', '{ici} %', {}, '{ici} %'],
  ])('%s', (_label, source, variables, expected) => {
    expect(renderTemplate(source, variables)).toBe(expected);
  });

  it.each([
    ['a missing variable', '{{ first_name }}', 'UNKNOWN_VARIABLE'],
    ['prototype access by name', '{{ constructor }}', 'UNKNOWN_VARIABLE'],
    ['a path', '{{ a.b }}', 'BAD_SYNTAX'],
    ['a filter', '{{ a | upcase }}', 'BAD_SYNTAX'],
    ['a literal', '{{ "a" }}', 'BAD_SYNTAX'],
    ['a tag', '{% for i in (1..9) %}x{% endfor %}', 'BAD_SYNTAX'],
    ['an unclosed output', 'Bonjour {{ first_name', 'BAD_SYNTAX'],
    ['a lone closing', 'Bonjour }}', 'BAD_SYNTAX'],
    ['the dunder name', '{{ __proto__ }}', 'BAD_SYNTAX'],
  ])('%s is refused', (_label, source, reason) => {
    expect(() => renderTemplate(source, {})).toThrow(expect.objectContaining({ name: 'RenderError', reason }) as RenderError);
  });

  it('names the variables once, in order of use', () => {
    expect(templateVariables('{{ b }} {{ a }} {{ b }}')).toEqual(['b', 'a']);
    expect(parseTemplate('{{ b }}-{{ a }}')).toEqual({ texts: ['', '-', ''], variables: ['b', 'a'] });
  });
});
