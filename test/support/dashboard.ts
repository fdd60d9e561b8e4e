/** As much of a Grafana dashboard as we write and check; Grafana itself is not to be had here. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly Variable[] };
  readonly panels: readonly Panel[];
}

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly definition?: string;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly fieldConfig: { readonly defaults: { readonly unit: string } };
  readonly targets: readonly { readonly refId: string; readonly expr: string; readonly datasource: object }[];
}

const PANEL_TYPES = ['timeseries', 'stat', 'bargauge', 'table'];
const UNITS = ['none', 'bps', 'pps', 'cps', 'percent', 'bytes'];
const COLUMNS = 24;
/** The variable by which a user chooses a Prometheus. */
const DATASOURCE = ['$', '{datasource}'].join('');
/** Dashboards of this version or later are read by Grafana 10 and 11 without conversion. */
const SCHEMA_VERSION = 39;

/** What is wrong with it, one line each. */
export function dashboardFaults({ uid, title, schemaVersion, templating, panels }: Dashboard): string[] {
  const faults: string[] = [];
  const check = (right: boolean, fault: string): void => void (right || faults.push(fault));
  check(/^[a-z0-9-]{1,40}$/.test(uid), 'uid');
  check(title.startsWith('Weir: '), 'title');
  check(schemaVersion === SCHEMA_VERSION, 'schemaVersion');
  check(templating.list[0]?.name === 'datasource' && templating.list[0].type === 'datasource', 'datasource');
  const names = new Set(templating.list.map(({ name }) => name));
  check(new Set(panels.map(({ id }) => id)).size === panels.length, 'ids of panels repeat');
  for (const panel of panels) {
    const here = (what: string): string => `panel ${panel.title}: ${what}`;
    const { x, w, h } = panel.gridPos;
    check(PANEL_TYPES.includes(panel.type), here(`type ${panel.type}`));
    check(panel.title.length > 0, here('title'));
    check(x >= 0 && w > 0 && x + w <= COLUMNS && h > 0, here('place'));
    check(
      panels.every((other) => other === panel || !overlap(panel, other)),
      here('lies on another'),
    );
    check(panel.datasource.type === 'prometheus' && panel.datasource.uid === DATASOURCE, here('datasource'));
    check(UNITS.includes(panel.fieldConfig.defaults.unit), here(`unit ${panel.fieldConfig.defaults.unit}`));
    check(panel.targets.length > 0, here('no target'));
    check(
      new Set(panel.targets.map(({ refId }) => refId)).size === panel.targets.length,
      here('refIds repeat'),
    );
    for (const { expr } of panel.targets)
      for (const [, name] of expr.matchAll(/\$(\w+)/g)) check(names.has(name), here(`no variable ${name}`));
  }
  return faults;
}

function overlap({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/** All queries, those of variables included, with everything selected. */
export function dashboardQueries({ panels, templating }: Dashboard): string[] {
  const labels = templating.list.flatMap(({ definition }) => {
    const [, metric] = /^label_values\((\w+), \w+\)$/.exec(definition ?? '') ?? [];
    return metric === undefined ? [] : [metric];
  });
  return [...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)), ...labels].map((query) =>
    query.replaceAll(/\$\w+/g, '.*'),
  );
}
