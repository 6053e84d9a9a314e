/** One picture: what it is called, what it draws and in which unit (Grafana's names). */
export interface Panel {
  readonly title: string;
  readonly unit: 's' | 'short' | 'reqps' | 'percentunit' | 'bytes' | 'none';
  readonly lines: readonly Line[];
  /** A number instead of a curve. */
  readonly stat?: boolean;
}

export interface Line {
  readonly expr: string;
  /** As Grafana fills it in: "{{channel}}". */
  readonly legend: string;
}

export interface Dashboard {
  /** Name of its file, and its id in Grafana: links to it stay. */
  readonly id: string;
  readonly title: string;
  /** What it answers, in one sentence. */
  readonly answers: string;
  readonly panels: readonly Panel[];
}
