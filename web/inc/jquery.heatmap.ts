/** `$(element).heatmap(options)`: points of different heat on a plane. */
import { type HeatField, type HeatPoint, heatColors, heatField, paintHeat } from './lib/heat.ts';
import { defineWidget, type Widget } from './lib/jquery.ts';
import { surroundingsOf, withAlpha } from './lib/palette.ts';
import { createSurface, type Surface } from './lib/surface.ts';

interface HeatmapOptions {
  /** Time from one picture to the next, ms: a change takes as long, at most half a second. */
  update: number;
  /** Of the warmth around a point, pixels. */
  radius: number;
  /** Room for the axes, pixels. */
  axisInset: number;
}

interface Heatmap {
  draw(points?: readonly HeatPoint[]): void;
  destroy(): void;
}

interface Self extends Widget<HeatmapOptions> {
  map: Heatmap;
}

const OPTIONS: HeatmapOptions = { update: 1000, radius: 20, axisInset: 20 };
const LONGEST_CHANGE_MS = 500;

defineWidget('heatmap', OPTIONS, {
  _create(this: Self) {
    this.element.addClass('heatmap');
    this.map = createHeatmap(this.element[0], this.options);
  },

  /** Points `{x, y, z}`, each 0 to 1, x from the left and y from below; the last ones again when there are none given. */
  draw(this: Self, points?: readonly HeatPoint[]) {
    this.map.draw(points);
  },

  _setOption(this: Self & { _super: (name: string, value: unknown) => void }, name: string, value: unknown) {
    this._super(name, value);
    this.map.draw();
  },

  _destroy(this: Self) {
    this.element.removeClass('heatmap');
    this.map.destroy();
  },
});

function createHeatmap(host: HTMLElement, options: HeatmapOptions): Heatmap {
  let points: readonly HeatPoint[] = [];
  let before: HeatField | undefined;
  let field: HeatField | undefined;
  let began = Number.NEGATIVE_INFINITY;
  let request = 0;
  // Heat is reckoned on a coarse grid, and drawn smoothly over the whole.
  const small = document.createElement('canvas');
  const smallContext = small.getContext('2d', { willReadFrequently: true })!;
  const surface: Surface = createSurface(host, () => {
    field = undefined;
    paint();
  });

  function share(): number {
    const long = Math.min(LONGEST_CHANGE_MS, Math.max(0, options.update));
    return long === 0 ? 1 : Math.min(1, (performance.now() - began) / long);
  }

  function paint(): void {
    const size = surface.begin();
    if (size === undefined) return;
    const inset = Math.max(0, options.axisInset);
    const [width, height] = [Math.max(1, size.width - 2 * inset), Math.max(1, size.height - 2 * inset)];
    const cell = Math.max(1, options.radius / 6);
    const [columns, rows] = [Math.max(2, Math.round(width / cell)), Math.max(2, Math.round(height / cell))];
    if (field?.columns !== columns || field.rows !== rows)
      field = heatField(points, columns, rows, options.radius / cell);
    const look = surroundingsOf(host);
    const { context } = surface;

    small.width = columns;
    small.height = rows;
    const image = smallContext.createImageData(columns, rows);
    paintHeat(image.data, field, before, share(), heatColors(look.dark));
    smallContext.putImageData(image, 0, 0);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = 'high';
    context.drawImage(small, inset, inset, width, height);

    if (inset > 0) {
      context.strokeStyle = withAlpha(look.text, 0.1);
      context.lineWidth = 1 / surface.ratio();
      context.beginPath();
      for (let i = 1; i < 4; i++) {
        context.moveTo(inset + (i * width) / 4, inset);
        context.lineTo(inset + (i * width) / 4, inset + height);
        context.moveTo(inset, inset + (i * height) / 4);
        context.lineTo(inset + width, inset + (i * height) / 4);
      }
      context.stroke();
      context.strokeStyle = withAlpha(look.text, 0.5);
      context.strokeRect(inset, inset, width, height);
    }
    if (share() < 1 && request === 0)
      request = requestAnimationFrame(() => {
        request = 0;
        paint();
      });
  }

  paint();
  return {
    draw(given) {
      if (Array.isArray(given)) {
        if (given !== points) {
          // What is shown now, in the middle of a change too, is where the next one begins.
          before = shown();
          began = performance.now();
        }
        points = given;
        field = undefined;
      }
      paint();
    },
    destroy() {
      cancelAnimationFrame(request);
      request = -1;
      surface.destroy();
    },
  };

  function shown(): HeatField | undefined {
    if (field === undefined || before?.heat.length !== field.heat.length) return field;
    const part = share();
    const [from, to] = [before.heat, field.heat];
    return { ...field, heat: to.map((heat, i) => from[i] + part * (heat - from[i])) };
  }
}
