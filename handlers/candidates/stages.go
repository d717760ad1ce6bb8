package candidates

import (
	"regexp"
	"strings"

	"candide/handlers/words"
	"candide/internal/fold"
	"candide/storage"
)

// next is the stage that usually follows; "" after a decision, and where there are two.
func next(s storage.Stage) storage.Stage {
	switch s {
	case storage.StageNew:
		return storage.StageContacted
	case storage.StageContacted:
		return storage.StageApplied
	case storage.StageApplied:
		return storage.StageJury
	}
	return ""
}

// inclusive is the end of a word written for everyone: “retenu·e”, “retenu(e)”, “retenu.e”.
var inclusive = regexp.MustCompile(`[·.•(-]?e\)?$`)

// plain makes one word of the ways in which people write a stage.
func plain(s string) string {
	fields := strings.FieldsFunc(fold.String(s), func(r rune) bool { return r == ' ' || r == '-' || r == '_' || r == '‑' })
	for i := range fields {
		if stem := inclusive.ReplaceAllString(fields[i], ""); len(stem) > 2 {
			fields[i] = stem
		}
	}
	return strings.Join(fields, " ")
}

// parseStage reads a stage in any language, by its word or the beginning of it.
func parseStage(w *words.Words, text string) (storage.Stage, bool) {
	text = plain(text)
	if text == "" {
		return "", false
	}
	begins := map[storage.Stage]bool{}
	for _, s := range storage.Stages() {
		names := []string{plain(string(s))}
		for _, lang := range words.Languages {
			names = append(names, plain(w.Say(lang, "stage-"+string(s))))
		}
		for _, name := range names {
			if name == text {
				return s, true
			}
			if len(text) >= 3 && strings.HasPrefix(name, text) {
				begins[s] = true
			}
		}
	}
	if len(begins) != 1 {
		return "", false
	}
	for s := range begins {
		return s, true
	}
	return "", false
}
