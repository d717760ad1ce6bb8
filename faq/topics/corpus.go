package topics

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Phrase is one line of the corpus.
type Phrase struct {
	Hand  string // who wrote it: the folder
	Topic string // the file
	Voice string // how it is written: sms, fle, formel…
	Text  string
}

// ReadCorpus reads corpus/HAND/TOPIC.txt, lines of “voice<TAB>text”, and returns its phrases in a fixed order with the
// SHA-256 of all that was read.
func ReadCorpus(fsys fs.FS) (phrases []Phrase, hash string, err error) {
	files, err := fs.Glob(fsys, "*/*.txt")
	if err != nil {
		return nil, "", fmt.Errorf("listing the corpus: %w", err)
	}
	slices.Sort(files)
	sum := sha256.New()
	for _, name := range files {
		src, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, "", fmt.Errorf("reading the corpus: %w", err)
		}
		fmt.Fprintf(sum, "%s %d\n", name, len(src))
		sum.Write(src)
		hand, topic := path.Dir(name), strings.TrimSuffix(path.Base(name), ".txt")
		if !Known(topic) {
			return nil, "", fmt.Errorf("%s: the catalogue has no topic %q", name, topic)
		}
		scanner := bufio.NewScanner(bytes.NewReader(src))
		for n := 1; scanner.Scan(); n++ {
			voice, text, ok := strings.Cut(scanner.Text(), "\t")
			if !ok || voice == "" || strings.TrimSpace(text) == "" || strings.Contains(text, "\t") {
				return nil, "", fmt.Errorf("%s:%d: a line is “voice<TAB>text”", name, n)
			}
			phrases = append(phrases, Phrase{hand, topic, voice, text})
		}
		if err := scanner.Err(); err != nil {
			return nil, "", fmt.Errorf("reading %s: %w", name, err)
		}
	}
	return phrases, hex.EncodeToString(sum.Sum(nil)), nil
}
