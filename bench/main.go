// Command bench prints how well and how fast Candide understands, beside two peers put to the same files in the same
// run: nlp.js and Bleve. Run `make bench` in the repository's root. What cannot be run is skipped, with its reason.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"

	"candide/faq"
	"candide/faq/topics"
)

func main() {
	data := flag.String("data", "../shared/data", "the folder of the question sets")
	peers := flag.String("peers", "../shared/bench", "the folder of the peers; empty: none")
	only := flag.String("sets", "", "the sets to run, with commas between; empty: all")
	speed := flag.Bool("speed", true, "measure synthetic FAQs and the process too")
	flag.Parse()
	if err := run(context.Background(), *data, *peers, *only, *speed); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, data, peersDir, only string, speed bool) error {
	runtime.GOMAXPROCS(1) // one core for Candide; the peers use what they like
	f, err := faq.Parse(faq.DefaultName, faq.DefaultFile(), topics.Known)
	if err != nil {
		return err
	}
	model, err := topics.Load()
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "candide-bench")
	if err != nil {
		return fmt.Errorf("making room for the peers: %w", err)
	}
	defer func() { _ = os.RemoveAll(work) }()
	sets, skipped := findSets(data, f, only)
	rivals, reasons := preparePeers(ctx, peersDir, work)
	skipped = append(skipped, reasons...)

	head := []string{"set", "entries", "questions", "Candide top-1", "AUROC", "p50 µs", "p99 µs"}
	for _, r := range rivals {
		head = append(head, r.name+" top-1", "AUROC", "× faster")
	}
	rows := [][]string{head}
	for _, s := range sets {
		own, err := measure(s, f, model)
		if err != nil {
			return err
		}
		row := append([]string{s.name, fmt.Sprint(own.entries), fmt.Sprint(len(s.test))}, own.cells()...)
		for _, r := range rivals {
			got, err := r.measure(ctx, s, work)
			if err != nil {
				skipped = append(skipped, fmt.Sprintf("%s on %s: %v", r.name, s.name, err))
				row = append(row, "-", "-", "-")
				continue
			}
			row = append(row, figure(got.Top1, "%.1f %%"), figure(got.AUROC, "%.3f"), fmt.Sprintf("%.1f", 1000*got.Median/own.p50))
		}
		rows = append(rows, row)
	}
	fmt.Println("Best candidate right, covered against uncovered, time per question on one core; “× faster” compares medians.")
	fmt.Println()
	printTable(rows)
	if speed {
		fmt.Println()
		rows, reasons := speeds(ctx, f, rivals, work)
		skipped = append(skipped, reasons...)
		printTable(rows)
		fmt.Println()
		table, err := processFigures(ctx, work)
		if err != nil {
			skipped = append(skipped, "the process: "+err.Error())
		} else {
			printTable(table)
		}
	}
	for _, reason := range skipped {
		fmt.Println("skipped:", reason)
	}
	return nil
}

func figure(v *float64, format string) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf(format, *v)
}

// printTable prints an aligned Markdown table.
func printTable(rows [][]string) {
	if len(rows) < 2 {
		return
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for n, row := range rows {
		for i, cell := range row {
			fmt.Print("| ", cell, strings.Repeat(" ", widths[i]-len([]rune(cell))+1))
		}
		fmt.Println("|")
		if n == 0 {
			for i := range row {
				fmt.Print("|", strings.Repeat("-", widths[i]+2))
			}
			fmt.Println("|")
		}
	}
}
