import { describe, expect, it } from 'vitest';
import type { Message } from '@tocsin/contracts/campaigns/v1/campaign';
import { RenderError } from '../template.js';
import type { ConformanceSubject } from './subject.js';

const MESSAGE: Message = {
  channel: 'any',
  language: 'fr',
  subject: 'Alerte {{ city }}',
  body: 'Bonjour {{ first_name }}, la Loire monte à {{ city }}.',
};

/** Rendering is a function of template and variables, and says no to what it cannot fill. */
export function renderSuite(subject: ConformanceSubject): void {
  describe('render', () => {
    it('is pure: the same input gives the same output, and inputs stay as they were', () => {
      const variables = Object.freeze({ first_name: 'Zoé', city: 'Orléans' });
      const message = Object.freeze({ ...MESSAGE });
      const first = subject.render(message, variables);
      expect(subject.render(message, variables)).toEqual(first);
      expect(first.body).toContain('Zoé');
      expect(first.body).toContain('Orléans');
    });

    it('costs at least one unit, and never less for more text', () => {
      const short = subject.render({ ...MESSAGE, body: 'a' }, { first_name: '', city: '' }).cost;
      const long = subject.render({ ...MESSAGE, body: 'a'.repeat(2_000) }, { first_name: '', city: '' }).cost;
      expect(short).toBeGreaterThanOrEqual(1);
      expect(long).toBeGreaterThanOrEqual(short);
    });

    it.each([
      ['an unknown variable', '{{ nobody_knows }}'],
      ['prototype access', '{{ constructor }}'],
      ['a filter', '{{ first_name | upcase }}'],
      ['a loop', '{% for i in (1..9) %}x{% endfor %}'],
    ])('refuses %s', (_label, body) => {
      expect(() => subject.render({ ...MESSAGE, body }, { first_name: 'Zoé', city: 'Orléans' })).toThrow(RenderError);
    });

    it('writes a value that looks like a template as it is', () => {
      expect(subject.render({ ...MESSAGE, body: '{{ city }}' }, { first_name: '', city: '{{ first_name }}' }).body).toContain(
        '{{ first_name }}',
      );
    });
  });
}
