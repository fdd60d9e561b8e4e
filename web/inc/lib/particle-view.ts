import { surroundingsOf } from './palette.ts';
import {
  along,
  createRandom,
  emission,
  type Frame,
  type ParticleFlow,
  type Side,
  type Way,
  wayOf,
} from './particles.ts';
import { createSurface } from './surface.ts';

/** What stands at a side: a title, or names spread evenly along it, or names at their places. */
export type AxisLabels =
  | string
  | readonly (string | { readonly label?: string; readonly name?: string; readonly val?: number })[];

export interface FlowOptions {
  highlightColor: string;
  /** Pixels per ms. */
  velocity: number;
  radius: number;
  /** Of flows without a type. */
  color: string;
  maxProbability: number;
  maxParticles: number;
  axisShow: boolean;
  axisColor: string;
  axisLabelColor: string;
  colors: readonly string[];
  seed?: number;
  /** Of the element: pixels, or any CSS length. */
  height?: number | string;
  axisN?: AxisLabels;
  axisS?: AxisLabels;
  axisE?: AxisLabels;
  axisW?: AxisLabels;
}

export interface ParticleView {
  readonly canvas: HTMLCanvasElement;
  set(flows: readonly ParticleFlow[]): void;
  /** The flow whose way passes near a point. */
  flowAt(x: number, y: number): ParticleFlow | undefined;
  /** Options have changed. */
  refresh(): void;
  destroy(): void;
}

interface Lane {
  readonly flow: ParticleFlow;
  readonly color: string;
  readonly chance: number;
  way: Way;
}

interface Particle {
  readonly lane: Lane;
  /** How far along its way, 0 to 1. */
  done: number;
  /** Beside the middle of the way, pixels. */
  readonly aside: number;
  readonly pace: number;
}

const FRAME_MS = 1000 / 60;
/** After a pause, as of a tab in the background, particles go on from where they were. */
const LONGEST_STEP_MS = 100;
const MARGIN = 26;
const NEAR_PX = 8;
const SIDES: readonly Side[] = ['N', 'S', 'E', 'W'];

/** Particles in an element. It rests while the element is not to be seen. */
export function createParticleView(host: HTMLElement, options: FlowOptions): ParticleView {
  let lanes: Lane[] = [];
  let particles: Particle[] = [];
  let pointed: Lane | undefined;
  let frame: Frame = { left: 0, top: 0, right: 0, bottom: 0 };
  let size = '';
  let before = 0;
  let request = 0;
  const random = createRandom(options.seed ?? 1);
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  fitHeight();
  const surface = createSurface(host, () => wake());
  const { canvas, context } = surface;

  const moved = (event: PointerEvent): void => {
    pointed = laneAt(event.offsetX, event.offsetY);
    canvas.style.cursor = pointed === undefined ? '' : 'pointer';
    canvas.title = pointed === undefined ? '' : infoText(pointed.flow);
    wake();
  };
  const left = (): void => {
    pointed = undefined;
  };
  canvas.addEventListener('pointermove', moved);
  canvas.addEventListener('pointerleave', left);

  function fitHeight(): void {
    const { height } = options;
    if (height === undefined) return;
    host.style.height = typeof height === 'number' || /^\d+$/.test(height) ? `${height}px` : height;
  }

  function wake(): void {
    if (request === 0) request = requestAnimationFrame(step);
  }

  function step(now: number): void {
    request = 0;
    const drawn = surface.begin();
    // Hidden: the surface calls when it is not any more.
    if (drawn === undefined) return;
    if (size !== `${drawn.width} ${drawn.height}`) {
      size = `${drawn.width} ${drawn.height}`;
      const margin = options.axisShow ? MARGIN : 2;
      frame = { left: margin, top: margin, right: drawn.width - margin, bottom: drawn.height - margin };
      for (const lane of lanes) lane.way = wayOf(lane.flow, frame);
    }
    const elapsed = Math.min(LONGEST_STEP_MS, Math.max(0, now - before));
    before = now;
    if (options.axisShow) paintAxes(drawn);
    paintWays();
    if (!still.matches) {
      emit(elapsed);
      advance(elapsed);
      paintParticles();
    }
    if ((lanes.length > 0 || particles.length > 0) && !still.matches) wake();
  }

  function emit(elapsed: number): void {
    for (const lane of lanes) {
      let expected = (lane.chance * elapsed) / FRAME_MS;
      for (; expected > 0 && particles.length < options.maxParticles; expected--) {
        if (random() >= expected) continue;
        const aside = (random() + random() - 1) * 3 * options.radius;
        particles.push({ lane, done: 0, aside, pace: 0.85 + 0.3 * random() });
      }
    }
  }

  function advance(elapsed: number): void {
    const distance = options.velocity * elapsed;
    let kept = 0;
    for (const particle of particles) {
      particle.done += (distance * particle.pace) / particle.lane.way.length;
      if (particle.done < 1) particles[kept++] = particle;
    }
    particles.length = kept;
  }

  function paintParticles(): void {
    const byColor = new Map<string, Particle[]>();
    for (const particle of particles) {
      const color = isPointed(particle.lane) ? options.highlightColor : particle.lane.color;
      const list = byColor.get(color);
      if (list === undefined) byColor.set(color, [particle]);
      else list.push(particle);
    }
    for (const [color, list] of byColor) {
      context.beginPath();
      for (const { lane, done, aside } of list) {
        const { x, y } = along(lane.way, done);
        // Away from the middle in between, together at the ends.
        const off = aside * 4 * done * (1 - done);
        context.moveTo(x + off + options.radius, y + off);
        context.arc(x + off, y + off, options.radius, 0, 2 * Math.PI);
      }
      context.fillStyle = color;
      context.fill();
    }
  }

  /** Faint lines along which the particles go, so that a picture that stands still tells something, too. */
  function paintWays(): void {
    for (const lane of lanes) {
      const { from, leave, meet, to } = lane.way;
      const strong = isPointed(lane);
      context.globalAlpha = strong ? 0.6 : still.matches ? 0.5 : 0.16;
      context.strokeStyle = strong ? options.highlightColor : lane.color;
      context.lineWidth = Math.max(
        1,
        (still.matches ? 4 : 2) * options.radius * Math.sqrt(lane.chance / options.maxProbability),
      );
      context.beginPath();
      context.moveTo(from.x, from.y);
      context.bezierCurveTo(leave.x, leave.y, meet.x, meet.y, to.x, to.y);
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  /** A lane is made anew with each update; what is pointed at stays so as long as it is the same flow. */
  function isPointed(lane: Lane): boolean {
    return pointed !== undefined && laneKey(lane.flow) === laneKey(pointed.flow);
  }

  function paintAxes({ width, height }: { width: number; height: number }): void {
    context.strokeStyle = options.axisColor;
    context.lineWidth = 1;
    context.strokeRect(
      frame.left - 0.5,
      frame.top - 0.5,
      frame.right - frame.left + 1,
      frame.bottom - frame.top + 1,
    );
    context.fillStyle = options.axisLabelColor;
    context.font = `13px ${surroundingsOf(host).font}`;
    context.textBaseline = 'middle';
    context.textAlign = 'center';
    for (const side of SIDES) {
      const along = side === 'N' || side === 'S' ? frame.right - frame.left : frame.bottom - frame.top;
      for (const { label, at } of axisTexts(options[`axis${side}`])) {
        context.save();
        if (side === 'N' || side === 'S')
          context.translate(
            frame.left + at * along,
            side === 'N' ? frame.top / 2 : (frame.bottom + height) / 2,
          );
        else {
          context.translate(
            side === 'W' ? frame.left / 2 : (frame.right + width) / 2,
            frame.top + at * along,
          );
          context.rotate(side === 'W' ? -Math.PI / 2 : Math.PI / 2);
        }
        context.fillText(label, 0, 0, along);
        context.restore();
      }
    }
  }

  function laneAt(x: number, y: number): Lane | undefined {
    let found: Lane | undefined;
    let distance = NEAR_PX;
    for (const lane of lanes) {
      const steps = Math.ceil(lane.way.length / 4);
      for (let i = 0; i <= steps; i++) {
        const point = along(lane.way, i / steps);
        const away = Math.hypot(point.x - x, point.y - y);
        if (away < distance) [found, distance] = [lane, away];
      }
    }
    return found;
  }

  const typeColors = new Map<unknown, number>();
  function colorOf(type: ParticleFlow['type']): string {
    const { colors, color } = options;
    if (type === undefined || type === null || colors.length === 0) return color;
    if (typeof type === 'number' && Number.isInteger(type) && type >= 0) return colors[type % colors.length];
    const index = typeColors.get(type) ?? typeColors.size;
    typeColors.set(type, index);
    return colors[index % colors.length];
  }

  wake();
  return {
    canvas,
    set(flows) {
      const sound = flows.filter((flow) => SIDES.includes(flow?.startSide) && SIDES.includes(flow?.endSide));
      const largest = Math.max(...sound.map(({ frequency }) => (Number.isFinite(frequency) ? frequency : 0)));
      lanes = sound.map((flow) => ({
        flow,
        color: colorOf(flow.type),
        chance: emission(flow.frequency, largest, options.maxProbability),
        way: wayOf(flow, frame),
      }));
      if (flows.length === 0) particles = [];
      wake();
    },
    flowAt: (x, y) => laneAt(x, y)?.flow,
    refresh() {
      fitHeight();
      size = '';
      wake();
    },
    destroy() {
      cancelAnimationFrame(request);
      request = -1;
      canvas.removeEventListener('pointermove', moved);
      canvas.removeEventListener('pointerleave', left);
      surface.destroy();
      if (options.height !== undefined) host.style.removeProperty('height');
    },
  };
}

function laneKey({ startSide, startVal, endSide, endVal, type }: ParticleFlow): string {
  return [startSide, startVal, endSide, endVal, type].join(' ');
}

function infoText({ info }: ParticleFlow): string {
  if (!Array.isArray(info)) return '';
  return info
    .map(({ name, value }) => [name, value].filter((part) => part !== undefined).join(': '))
    .join('\n');
}

function axisTexts(labels: AxisLabels | undefined): { label: string; at: number }[] {
  if (labels === undefined || labels === null) return [];
  if (!Array.isArray(labels)) return [{ label: String(labels), at: 0.5 }];
  return labels.map((each, i) => {
    const at = (i + 0.5) / labels.length;
    if (typeof each !== 'object' || each === null) return { label: String(each), at };
    return { label: String(each.label ?? each.name ?? ''), at: typeof each.val === 'number' ? each.val : at };
  });
}
