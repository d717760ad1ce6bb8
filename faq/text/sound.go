package text

import "strings"

// Sound writes a folded word roughly as it is heard in French, so that words spelled by ear meet those spelled by the
// book: "salère", "saler" and "salaire" agree, "kontra" and "contrat" too. English words pass through it unharmed
// enough: what matters is that the same mistake gives the same key.
func Sound(word string) string {
	s := word
	for _, rule := range soundRules {
		s = strings.ReplaceAll(s, rule[0], rule[1])
	}
	// Silent endings, then doubled letters.
	b := []byte(s)
	for len(b) > 3 && strings.IndexByte("estxdpz", b[len(b)-1]) >= 0 {
		b = b[:len(b)-1]
	}
	out := b[:0]
	for i, c := range b {
		if i > 0 && c == b[i-1] {
			continue
		}
		out = append(out, c)
	}
	return string(out)
}

// soundRules are applied in order; capital letters are sounds that French writes in several ways.
var soundRules = [][2]string{
	{"eaux", "o"}, {"eau", "o"}, {"aux", "o"}, {"au", "o"},
	{"oeu", "E"}, {"eux", "E"}, {"eu", "E"},
	{"tion", "sI"}, {"ssion", "sI"}, {"cion", "sI"}, {"sion", "sI"},
	{"aill", "Ay"}, {"eill", "Ey"}, {"ill", "iy"},
	{"ain", "I"}, {"aim", "I"}, {"ein", "I"}, {"yn", "I"}, {"ym", "I"},
	{"ph", "f"}, {"th", "t"}, {"ch", "S"}, {"sh", "S"}, {"gn", "N"},
	{"qu", "k"}, {"ck", "k"}, {"q", "k"}, {"cc", "k"},
	{"ce", "se"}, {"ci", "si"}, {"cy", "si"}, {"c", "k"},
	{"ge", "je"}, {"gi", "ji"}, {"gu", "g"},
	{"ai", "e"}, {"ei", "e"}, {"ez", "e"}, {"er", "e"}, {"et", "e"},
	{"an", "A"}, {"am", "A"}, {"en", "A"}, {"em", "A"},
	{"on", "O"}, {"om", "O"}, {"in", "I"}, {"im", "I"}, {"un", "I"},
	{"ou", "U"}, {"oi", "W"}, {"oa", "W"}, {"y", "i"}, {"z", "s"}, {"h", ""}, {"w", "v"},
}
