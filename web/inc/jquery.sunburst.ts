/** `$(element).sunburst(options)`: a tree of values as rings. */
import { shortValue } from './lib/format.ts';
import { defineWidget, type Widget } from './lib/jquery.ts';
import { blend, COLORS, parseRgb, surroundingsOf } from './lib/palette.ts';
import { type Segment, type SunburstNode, segmentsOf, sumOf } from './lib/sunburst.ts';
import { createSurface } from './lib/surface.ts';

interface SunburstOptions {
  clickable: boolean;
  fontFamily: string;
  centerRadius: number;
  centerColor: string;
  centerOutlineColor: string;
  centerTextColor: string;
  centerFontSize: number;
  segmentOutlineColor: string;
  segmentTextColor: string;
  segmentFontSize: number;
  segmentFontRotate: boolean;
  colors: readonly string[];
}

interface Sunburst {
  readonly canvas: HTMLCanvasElement;
  draw(root?: SunburstNode): void;
  /** undefined outside of the rings; the root in the centre. */
  nodeAt(x: number, y: number): SunburstNode | undefined;
  destroy(): void;
}

interface Self extends Widget<SunburstOptions> {
  picture: Sunburst;
}

/** Colours that are '' follow the page. */
const OPTIONS: SunburstOptions = {
  clickable: false,
  fontFamily: '',
  centerRadius: 60,
  centerColor: '',
  centerOutlineColor: '',
  centerTextColor: '',
  centerFontSize: 20,
  segmentOutlineColor: '',
  segmentTextColor: '',
  segmentFontSize: 15,
  segmentFontRotate: true,
  colors: [...COLORS],
};

defineWidget('sunburst', OPTIONS, {
  _create(this: Self) {
    this.element.addClass('sunburst');
    this.picture = createSunburst(this.element[0], this.options);
    const { canvas } = this.picture;
    canvas.classList.toggle('clickable', this.options.clickable);
    canvas.addEventListener('click', (event) => {
      if (!this.options.clickable) return;
      const node = this.picture.nodeAt(event.offsetX, event.offsetY);
      if (node !== undefined) this._trigger('click', event, node);
    });
  },

  /** A tree of `{name, value, children}`. */
  draw(this: Self, root?: SunburstNode) {
    this.picture.draw(root);
  },

  _setOption(this: Self & { _super: (name: string, value: unknown) => void }, name: string, value: unknown) {
    this._super(name, value);
    this.picture.canvas.classList.toggle('clickable', this.options.clickable);
    this.picture.draw();
  },

  _destroy(this: Self) {
    this.element.removeClass('sunburst');
    this.picture.destroy();
  },
});

const TURN = 2 * Math.PI;

function createSunburst(host: HTMLElement, options: SunburstOptions): Sunburst {
  let root: SunburstNode = {};
  let segments: Segment[] = [];
  let pointed: Segment | undefined;
  let middle = { x: 0, y: 0, ring: 1, center: 1 };
  const surface = createSurface(host, () => paint());
  const { canvas, context } = surface;
  const moved = (event: PointerEvent): void => {
    const found = segmentAt(event.offsetX, event.offsetY);
    if (found === pointed) return;
    pointed = found;
    canvas.title = found === undefined ? '' : `${found.node.name ?? ''}: ${shortValue(found.value)}`;
    paint();
  };
  const left = (): void => {
    pointed = undefined;
    paint();
  };
  canvas.addEventListener('pointermove', moved);
  canvas.addEventListener('pointerleave', left);

  function paint(): void {
    const size = surface.begin();
    if (size === undefined) return;
    const look = surroundingsOf(host);
    const radius = Math.max(10, Math.min(size.width, size.height) / 2 - 4);
    const depth = Math.max(1, ...segments.map((segment) => segment.depth));
    const center = Math.min(options.centerRadius, radius / 2);
    middle = { x: size.width / 2, y: size.height / 2, ring: (radius - center) / depth, center };
    context.save();
    context.translate(middle.x, middle.y);
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    const family = options.fontFamily || look.font;
    for (const segment of segments) paintSegment(segment, look.background, family);
    context.beginPath();
    context.arc(0, 0, Math.max(1, center - 2), 0, TURN);
    context.fillStyle = options.centerColor || look.background;
    context.fill();
    if (options.centerOutlineColor) {
      context.strokeStyle = options.centerOutlineColor;
      context.stroke();
    }
    context.fillStyle = options.centerTextColor || look.text;
    const shown = pointed ?? { node: root, value: sumOf(root) };
    const room = 1.7 * center;
    context.font = `600 ${options.centerFontSize}px ${family}`;
    context.fillText(shown.value > 0 ? shortValue(shown.value) : '', 0, shown.node.name ? -8 : 0, room);
    context.font = `${Math.round(0.7 * options.centerFontSize)}px ${family}`;
    if (shown.node.name) context.fillText(shown.node.name, 0, 12, room);
    context.restore();
  }

  function paintSegment(segment: Segment, background: string, family: string): void {
    const { from, to, depth } = segment;
    const inner = middle.center + (depth - 1) * middle.ring;
    const [a, b] = [from * TURN - TURN / 4, to * TURN - TURN / 4];
    context.beginPath();
    context.arc(0, 0, inner + middle.ring, a, b);
    context.arc(0, 0, inner, b, a, true);
    context.closePath();
    const color = colorOf(segment, background);
    context.fillStyle = color;
    context.fill();
    context.strokeStyle = options.segmentOutlineColor || background;
    context.lineWidth = 1.5;
    context.stroke();

    const name = segment.node.name ?? '';
    const radius = inner + middle.ring / 2;
    const angle = (a + b) / 2;
    const arc = (b - a) * radius;
    const { segmentFontSize: px } = options;
    if (name === '' || middle.ring < px || arc < px * 1.1) return;
    context.font = `${px}px ${family}`;
    const [r, g, blue] = parseRgb(color);
    context.fillStyle =
      options.segmentTextColor || (0.3 * r + 0.59 * g + 0.11 * blue > 150 ? '#1b1b1b' : '#fff');
    const width = context.measureText(name).width;
    context.save();
    if (options.segmentFontRotate) {
      // Along the radius where the arc is short, along the arc else; never upside down.
      const alongRadius = arc < width + 8;
      context.rotate(angle);
      context.translate(radius, 0);
      if (alongRadius) {
        if (Math.cos(angle) < -1e-9) context.rotate(Math.PI);
        if (width < middle.ring - 6) context.fillText(name, 0, 0);
        else context.fillText(cut(name, middle.ring - 8), 0, 0);
      } else {
        context.rotate(Math.sin(angle) > 0 ? -Math.PI / 2 : Math.PI / 2);
        context.fillText(name, 0, 0);
      }
    } else {
      context.translate(radius * Math.cos(angle), radius * Math.sin(angle));
      const room = Math.min(middle.ring, arc) - 6;
      if (width <= room) context.fillText(name, 0, 0);
    }
    context.restore();
  }

  function cut(text: string, room: number): string {
    let length = text.length;
    while (length > 0 && context.measureText(`${text.slice(0, length)}…`).width > room) length--;
    return length < 2 ? '' : `${text.slice(0, length)}…`;
  }

  /** A branch has one hue, paler from ring to ring. */
  function colorOf(segment: Segment, background: string): string {
    const { node, branch, depth } = segment;
    context.fillStyle = node.color ?? options.colors[branch % options.colors.length] ?? '#3366cc';
    const strength = node.color === undefined ? 0.92 * 0.78 ** (depth - 1) : 1;
    const faint =
      pointed !== undefined && pointed !== segment && pointed.depth >= depth && !holds(segment, pointed);
    return blend(context.fillStyle as string, background, faint ? strength * 0.55 : strength);
  }

  function holds(outer: Segment, inner: Segment): boolean {
    return outer.from <= inner.from + 1e-9 && outer.to >= inner.to - 1e-9 && outer.depth < inner.depth;
  }

  function segmentAt(x: number, y: number): Segment | undefined {
    const [dx, dy] = [x - middle.x, y - middle.y];
    const depth = Math.floor((Math.hypot(dx, dy) - middle.center) / middle.ring) + 1;
    const turn = ((((Math.atan2(dy, dx) + TURN / 4) / TURN) % 1) + 1) % 1;
    return segments.find((each) => each.depth === depth && turn >= each.from && turn < each.to);
  }

  paint();
  return {
    canvas,
    draw(given) {
      if (typeof given === 'object' && given !== null) {
        root = given;
        segments = segmentsOf(given);
        pointed = undefined;
      }
      paint();
    },
    nodeAt(x, y) {
      if (Math.hypot(x - middle.x, y - middle.y) < middle.center) return root;
      return segmentAt(x, y)?.node;
    },
    destroy() {
      canvas.removeEventListener('pointermove', moved);
      canvas.removeEventListener('pointerleave', left);
      surface.destroy();
    },
  };
}
