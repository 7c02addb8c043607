package schema

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Nearest finds what a word was meant to be: the one among the words that the
// fewest edits lead to (a character added, left out, changed, or two swapped),
// where those are few for the word's length.
func Nearest(word string, among []string) (string, bool) {
	word = strings.ToLower(word)
	length := utf8.RuneCountInString(word)
	best, least := "", max(1, length/3)+1
	for _, candidate := range among {
		// A word with nothing in common with it is not what was meant.
		limit := min(least, max(length, utf8.RuneCountInString(candidate)))
		if d := edits(word, strings.ToLower(candidate), limit); d < limit {
			best, least = candidate, d
		}
	}
	return best, best != ""
}

// DidYouMean is Nearest as a hint, or empty.
func DidYouMean(word string, among []string) string {
	if near, ok := Nearest(word, among); ok {
		return didYouMean(near)
	}
	return ""
}

func didYouMean(near string) string { return fmt.Sprintf("did you mean %q?", near) }

// edits is the optimal string alignment distance of two words, or limit where it
// is not less.
func edits(a, b string, limit int) int {
	if abs(utf8.RuneCountInString(a)-utf8.RuneCountInString(b)) >= limit {
		return limit
	}
	x, y := []rune(a), []rune(b)
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(x); i++ {
		before, last, row = last, row, before
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return min(row[len(y)], limit)
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
