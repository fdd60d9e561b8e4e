/** A row of a legend. */
export interface LegendRow {
  /** Tells rows apart from one update to the next. */
  readonly id: string;
  readonly color: string;
  readonly cells: readonly string[];
  /** Latest value, as text. */
  readonly value: string;
  /** Stands for several keys: a click on it is nobody's. */
  readonly rest?: boolean;
  /** Has nothing now. */
  readonly gone?: boolean;
}

export interface LegendOptions {
  readonly headings: readonly string[] | undefined;
  /** Address for the cells of each column, or null. */
  readonly links: readonly (string | null | undefined)[] | undefined;
  /** Series that stay as they are: shown side by side. */
  readonly fixed: boolean;
  /** A row is under the pointer; -1: no more. */
  readonly pointed: (index: number) => void;
}

export interface Legend {
  update(rows: readonly LegendRow[]): void;
  destroy(): void;
}

/**
 * A table: in each row first a cell with the colour as a `div`, then a cell for each part of the key, with its text. Pages
 * read keys from clicks by that. Rows stay the same elements while their key is shown, and the table never becomes
 * shorter, so that nothing moves under the pointer.
 */
export function createLegend(host: HTMLElement, options: LegendOptions): Legend {
  const table = document.createElement('table');
  table.className = options.fixed ? 'legend fixed' : 'legend';
  const { headings } = options;
  if (headings !== undefined && headings.length > 0 && !options.fixed) {
    const row = table.createTHead().insertRow();
    for (const heading of ['', ...headings]) {
      const cell = document.createElement('th');
      cell.textContent = heading;
      row.append(cell);
    }
  }
  const body = table.createTBody();
  host.append(table);
  const known = new Map<string, HTMLTableRowElement>();

  table.addEventListener('pointerover', ({ target }) => {
    const row = (target as Element).closest('tbody tr');
    options.pointed(row === null ? -1 : [...body.rows].indexOf(row as HTMLTableRowElement));
  });
  table.addEventListener('pointerleave', () => options.pointed(-1));

  function make(row: LegendRow): HTMLTableRowElement {
    const element = document.createElement('tr');
    const swatch = document.createElement('div');
    element.insertCell().append(swatch);
    for (const [column, text] of row.cells.entries()) {
      const cell = element.insertCell();
      const link = row.rest ? undefined : options.links?.[column];
      if (typeof link === 'string') {
        const anchor = document.createElement('a');
        anchor.href = link;
        anchor.textContent = text;
        cell.append(anchor);
      } else cell.textContent = text;
    }
    if (row.rest) element.addEventListener('click', (event) => event.stopPropagation());
    return element;
  }

  return {
    update(rows) {
      // A page that empties the element takes the table out.
      if (table.parentNode === null) host.append(table);
      const wanted = new Set(rows.map(({ id }) => id));
      for (const [id, element] of known)
        if (!wanted.has(id)) {
          element.remove();
          known.delete(id);
        }
      for (const [i, row] of rows.entries()) {
        const element = known.get(row.id) ?? make(row);
        known.set(row.id, element);
        if (body.rows[i] !== element) body.insertBefore(element, body.rows[i] ?? null);
        const swatch = element.cells[0].firstElementChild as HTMLElement;
        if (swatch.dataset['color'] !== row.color) {
          swatch.dataset['color'] = row.color;
          swatch.style.backgroundColor = row.color;
        }
        if (element.dataset['value'] !== row.value) element.dataset['value'] = row.value;
        element.classList.toggle('gone', row.gone === true);
      }
      const height = table.offsetHeight;
      if (!options.fixed && height > (Number.parseFloat(host.style.getPropertyValue('--legend-height')) || 0))
        host.style.setProperty('--legend-height', `${height}px`);
    },
    destroy() {
      table.remove();
      host.style.removeProperty('--legend-height');
    },
  };
}
