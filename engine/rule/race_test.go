//go:build race

package rule

// slowdown is what the race detector costs.
const slowdown = 10
