import { grafanaOf } from './grafana.js';
import type { Dashboard } from './panel.js';

/** Where a dashboard lies in the repository. */
export function dashboardFile({ id }: Dashboard): string {
  return `deploy/observability/dashboards/${id}.json`;
}

export function dashboardText(dashboard: Dashboard): string {
  return `${JSON.stringify(grafanaOf(dashboard), null, 2)}\n`;
}
