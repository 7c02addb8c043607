package rule

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Mistake is something wrong with an expression, found without running it.
type Mistake struct {
	// Offset and Width are the place in the source, in bytes.
	Offset, Width int
	// Message says what is wrong, in the user's words.
	Message string
	// Hint says what to write instead, or is empty.
	Hint string
}

func mistakeAt(at span, hint, format string, args ...any) Mistake {
	return Mistake{Offset: at.from, Width: at.to - at.from, Message: fmt.Sprintf(format, args...), Hint: hint}
}

// inOrder sorts mistakes by place and drops repetitions: a part of a chained
// comparison, 1 < x < 3, is looked at twice.
func inOrder(ms []Mistake) []Mistake {
	slices.SortStableFunc(ms, func(a, b Mistake) int {
		return cmp.Or(a.Offset-b.Offset, b.Width-a.Width)
	})
	return slices.Compact(ms)
}

// didYouMean is a hint that names the word nearest to the one written, or "".
func didYouMean(word string, among []string) string {
	best, least := "", min(2, (utf8.RuneCountInString(word)+1)/3)+1
	for _, candidate := range among {
		if d := distance(strings.ToLower(word), strings.ToLower(candidate)); d < least {
			best, least = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// distance is how many characters to insert, delete, replace or swap with their
// neighbour to make a into b.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, last, row := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := range s {
		row[0] = i + 1
		for j := range t {
			change := 1
			if s[i] == t[j] {
				change = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+change)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(t)]
}

// enumerate lists names for a message, and says when there are more than fit.
func enumerate(names []string) string {
	const most = 12
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}
