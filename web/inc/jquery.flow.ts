/** `$(element).flow(options)`: particles that travel between the sides of a picture. */
import { defineWidget, type Widget } from './lib/jquery.ts';
import { COLORS } from './lib/palette.ts';
import { createParticleView, type FlowOptions, type ParticleView } from './lib/particle-view.ts';
import type { ParticleFlow } from './lib/particles.ts';

interface Self extends Widget<FlowOptions> {
  view: ParticleView;
}

const OPTIONS: FlowOptions = {
  highlightColor: 'black',
  velocity: 0.1,
  radius: 2,
  color: 'blue',
  maxProbability: 0.1,
  maxParticles: 5000,
  axisShow: true,
  axisColor: '#eee',
  axisLabelColor: '#eee',
  colors: [...COLORS],
};

defineWidget('flow', OPTIONS, {
  _create(this: Self) {
    this.element.addClass('flow');
    this.view = createParticleView(this.element[0], this.options);
    const { canvas } = this.view;
    canvas.addEventListener('click', (event) => {
      const flow = this.view.flowAt(event.offsetX, event.offsetY);
      if (flow !== undefined) this._trigger('click', event, flow);
    });
  },

  /** The flows of now; particles on the way go on. */
  data(this: Self, flows?: readonly ParticleFlow[]) {
    this.view.set(Array.isArray(flows) ? flows : []);
  },

  _setOption(this: Self & { _super: (name: string, value: unknown) => void }, name: string, value: unknown) {
    this._super(name, value);
    this.view.refresh();
  },

  _destroy(this: Self) {
    this.element.removeClass('flow');
    this.view.destroy();
  },
});
