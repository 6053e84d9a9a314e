import type { Dashboard, Panel } from './panel.js';

/** Columns of Grafana's grid, and what a panel takes of it. */
const COLUMNS = 24;
const WIDTH = 8;
const HEIGHT = 7;
/** The schema written; newer Grafanas read and lift it. */
const SCHEMA = 39;
/** Filled in at import: which Prometheus. */
const SOURCE = { type: 'prometheus', uid: '${prometheus}' };

/** A dashboard as Grafana imports it: three panels a row in the order of the table. Pure. */
export function grafanaOf({ id, title, answers, panels }: Dashboard): Readonly<Record<string, unknown>> {
  return {
    uid: id,
    title,
    description: answers,
    tags: ['tocsin'],
    schemaVersion: SCHEMA,
    editable: false,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    templating: { list: [{ name: 'prometheus', type: 'datasource', query: 'prometheus', label: 'Prometheus' }] },
    panels: panels.map(panelOf),
  };
}

function panelOf({ title, unit, lines, stat = false }: Panel, place: number): Readonly<Record<string, unknown>> {
  const inRow = COLUMNS / WIDTH;
  return {
    id: place + 1,
    title,
    type: stat ? 'stat' : 'timeseries',
    datasource: SOURCE,
    gridPos: { x: (place % inRow) * WIDTH, y: Math.floor(place / inRow) * HEIGHT, w: WIDTH, h: HEIGHT },
    fieldConfig: { defaults: { unit }, overrides: [] },
    targets: lines.map(({ expr, legend }, line) => ({
      refId: String.fromCharCode(65 + line),
      datasource: SOURCE,
      expr,
      legendFormat: legend,
    })),
  };
}
