/** `$(element).stripchart(options)`: a chart of values over time. */
import { valueStr } from './lib/format.ts';
import { defineWidget, type Widget } from './lib/jquery.ts';
import { COLORS } from './lib/palette.ts';
import { createStripChart, type StripChart, type StripOptions } from './lib/strip-chart.ts';
import type { StripData } from './lib/strip-series.ts';

interface Self extends Widget<StripOptions> {
  chart: StripChart;
}

const OPTIONS: StripOptions = {
  bottomInset: 20,
  leftInset: 50,
  topInset: 5,
  rightInset: 24,
  clickable: false,
  includeMillis: false,
  base2: false,
  step: false,
  stack: false,
  mirror: false,
  colors: [...COLORS],
};

defineWidget('stripchart', OPTIONS, {
  valueStr,

  _create(this: Self) {
    this.element.addClass('stripchart');
    this.chart = createStripChart(this.element[0], this.options);
    const { canvas } = this.chart;
    canvas.classList.toggle('clickable', this.options.clickable);
    canvas.addEventListener('click', (event) => {
      if (!this.options.clickable) return;
      const point = this.chart.pointAt(event.offsetX, event.offsetY);
      if (point !== undefined) this._trigger('click', event, point);
    });
  },

  _setOption(this: Self & { _super: (name: string, value: unknown) => void }, name: string, value: unknown) {
    this._super(name, value);
    this.chart.canvas.classList.toggle('clickable', this.options.clickable);
    this.chart.draw();
  },

  draw(this: Self, data?: StripData) {
    this.chart.draw(data);
  },

  highlight(this: Self, series?: number) {
    this.chart.highlight(series);
  },

  _destroy(this: Self) {
    this.element.removeClass('stripchart');
    this.chart.destroy();
    this.element.triggerHandler('stripchartdestroy');
  },
});
