package filter

import "strings"

// longestWord is how long a name may be that is compared with others, in bytes.
const longestWord = 64

// nearest is the name that was probably meant; "" when none is near. A name without what leads to it is near:
// "tags" is contact.tags.
func nearest(word string, names []string) string {
	if len(word) > longestWord {
		return ""
	}
	folded := strings.ToLower(strings.ReplaceAll(word, "-", "_"))
	best, least := "", 1+len(word)/3
	for _, name := range names {
		if name == folded || strings.HasSuffix(name, "."+folded) {
			return name
		}
		if d := distance(folded, name); d < least {
			best, least = name, d
		}
	}
	return best
}

// distance is how many letters must be changed, put in or taken out to make b of a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
