// Command train makes the topic model from the corpus: run `make model` in the repository's root.
//
// The same corpus gives the same bytes on any machine: one thread, a fixed order of additions, a seeded shuffle, and
// products rounded to float32 before they are added, so that no compiler fuses the two.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"time"

	"candide/faq/topics"
)

func main() {
	corpus := flag.String("corpus", "faq/topics/corpus", "the corpus' folder")
	out := flag.String("o", "faq/topics/model.bin", "the model's file")
	check := flag.Bool("check", false, "compare with the model's file instead of writing it")
	cv := flag.Bool("cv", false, "leave one hand out at a time and print how its lines are understood")
	hand := flag.String("hand", "", "with -cv: these hands only, one at a time (a,b) or together (a+b)")
	channel := flag.Bool("channel", false, "with -cv: as said in a channel, to nobody in particular")
	flag.Parse()
	if *cv {
		if err := runCV(*corpus, *hand, *channel); err != nil {
			fmt.Fprintln(os.Stderr, "train:", err)
			os.Exit(1)
		}
		return
	}
	if err := run(*corpus, *out, *check); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func run(corpus, out string, check bool) error {
	start := time.Now()
	phrases, hash, err := topics.ReadCorpus(os.DirFS(corpus))
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := topics.WriteFile(&b, Train(phrases, hash, DefaultSettings())); err != nil {
		return err
	}
	fmt.Printf("%d phrases, corpus %.12s, model of %d bytes, in %s\n", len(phrases), hash, b.Len(), time.Since(start).Round(time.Second))
	if check {
		old, err := os.ReadFile(out)
		if err != nil {
			return fmt.Errorf("reading the model: %w", err)
		}
		if !bytes.Equal(old, b.Bytes()) {
			return fmt.Errorf("%s is not what the corpus gives: run “make model”", out)
		}
		fmt.Println("the model is what the corpus gives")
		return nil
	}
	if err := os.WriteFile(out, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("writing the model: %w", err)
	}
	return nil
}

func runCV(corpus, hand string, channel bool) error {
	phrases, _, err := topics.ReadCorpus(os.DirFS(corpus))
	if err != nil {
		return err
	}
	return crossValidate(os.Stdout, phrases, hand, channel)
}
