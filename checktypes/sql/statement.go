package sql

import (
	"slices"
	"strconv"
	"strings"
)

// oneStatement reports whether only white space and comments follow the first
// semicolon that ends a statement, by SQLite's lexical rules: other than a server
// SQLite's driver would run them all. (What holds no statement at all is one, too:
// SQLite has better words for it.)
func oneStatement(query string) bool {
	ended := false
	for len(query) > 0 {
		token := lexeme(query)
		if ended && token != ";" && !blank(token) {
			return false
		}
		ended = ended || token == ";"
		query = query[len(token):]
	}
	return true
}

// writes reports whether a statement begins with a word that no read-only
// transaction permits.
func writes(query string) bool {
	for query != "" && blank(lexeme(query)) {
		query = query[len(lexeme(query)):]
	}
	word := query[:len(query)-len(strings.TrimLeft(query, letters))]
	return slices.Contains([]string{
		"INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "TRUNCATE", "CREATE", "ALTER", "DROP",
	}, strings.ToUpper(word))
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// placeholders is how many values a statement asks for. Whatever a database may read
// in another way than SQLite would makes that uncertain.
func placeholders(driver, query string) (n int, certain bool) {
	before := byte(' ')
	for len(query) > 0 {
		token := lexeme(query)
		query = query[len(token):]
		switch {
		case driver != "sqlite" && differs(token):
			return 0, false
		case driver == "postgres" && token == "$":
			digits := query[:len(query)-len(strings.TrimLeft(query, "0123456789"))]
			number, err := strconv.Atoi(digits)
			if err != nil || strings.IndexByte(letters+"0123456789_", before) >= 0 {
				return 0, false // $$ begins a text, and a$1 is a name
			}
			n = max(n, number)
		case driver == "sqlite" && strings.Contains(":@$", token):
			return 0, false // a placeholder with a name, or one in it
		case driver != "postgres" && token == "?":
			if query != "" && query[0] >= '0' && query[0] <= '9' {
				return 0, false
			}
			n++
		}
		before = token[len(token)-1]
	}
	return n, true
}

// differs reports whether servers read a token otherwise than SQLite.
func differs(token string) bool {
	return strings.ContainsAny(token, "\\#[`") || len(token) > 2 && strings.HasPrefix(token, "--") && token[2] != ' ' ||
		strings.HasPrefix(token, "/*") && strings.ContainsAny(token[2:], "/!+")
}

func blank(token string) bool {
	return strings.TrimSpace(token) == "" || strings.HasPrefix(token, "--") || len(token) > 2 && strings.HasPrefix(token, "/*")
}

// lexeme is the quotation or comment that s begins with, else its first byte.
func lexeme(s string) string {
	closing := map[byte]string{'\'': "'", '"': `"`, '`': "`", '[': "]"}[s[0]]
	from := 1
	switch {
	case strings.HasPrefix(s, "--"):
		closing, from = "\n", 2
	case strings.HasPrefix(s, "/*"):
		closing, from = "*/", 2
	case closing == "":
		return s[:1]
	}
	end := strings.Index(s[from:], closing)
	if end < 0 {
		return s
	}
	return s[:from+end+len(closing)]
}
