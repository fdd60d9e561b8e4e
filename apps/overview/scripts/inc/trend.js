/** Points in time and, for each of them, values by name: what the charts of a page draw. The oldest leave. */
function Trend(maxPoints, stepMs) {
  this.times = [];
  this.trends = {};
  this.maxPoints = maxPoints;
  this.stepMs = stepMs;
}

/** Adds values by name at a time; what has not been named before was empty until now. */
Trend.prototype.add = function (time, values) {
  if (this.times.length === 0)
    for (let i = this.maxPoints; i > 0; i--) this.times.push(time - i * this.stepMs);
  this.times.push(time);
  Object.keys(values).forEach((name) => {
    if (!this.trends[name]) this.trends[name] = new Array(this.times.length - 1).fill(0);
    this.trends[name].push(values[name]);
  });
  while (this.times.length > this.maxPoints) {
    this.times.shift();
    Object.keys(this.trends).forEach((name) => {
      this.trends[name].shift();
    });
  }
};

/** What came after a time, for a page that has the rest already. */
Trend.prototype.after = function (time) {
  const first = this.times.findIndex((each) => each > time);
  const from = first < 0 ? this.times.length : first;
  const trends = {};
  Object.keys(this.trends).forEach((name) => {
    trends[name] = this.trends[name].slice(from);
  });
  return { times: this.times.slice(from), trends, maxPoints: this.maxPoints };
};
