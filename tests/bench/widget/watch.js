// Notes what a page suffers: long tasks, and what moves.
window.suffered = { tasks: [], shift: 0 };
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) suffered.tasks.push(duration);
}).observe({ type: 'longtask', buffered: true });
new PerformanceObserver((list) => {
  for (const { value } of list.getEntries()) suffered.shift += value;
}).observe({ type: 'layout-shift', buffered: true });
