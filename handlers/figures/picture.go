package figures

import (
	"fmt"
	"strconv"

	"github.com/go-analyze/charts"
)

// The picture's size, in pixels: readable in a conversation, on a phone too.
const width, height = 1000, 1000

// ink is the one colour of the bars: what they are is written beside them, and how long, on them.
var ink = charts.ColorFromHex("#1f4e8c")

// picture draws the figures as PNG. Everything in it is also in the table, and nothing in it is told by colour.
func (h *Handler) picture(lang string, f figures) ([]byte, error) {
	p := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputPNG, Width: width, Height: height})
	p.FilledRect(0, 0, width, height, charts.ColorWhite, charts.ColorWhite, 0)
	cells, err := p.LayoutByGrid(2, 3).
		CellAt("days", 0, 0).Span(2, 1).
		CellAt("outcomes", 0, 1).CellAt("uncovered", 1, 1).
		CellAt("stages", 0, 2).CellAt("decisions", 1, 2).
		Build()
	if err != nil {
		return nil, err
	}
	say := func(key string) string { return h.words.Say(lang, key) }
	days := h.periods(lang, f)
	drawn := []struct {
		cell, title string
		rows        []row
		upright     bool
	}{
		{"days", say("stats-days"), days, true},
		{"outcomes", say("stats-outcomes"), named(f.outcomes, func(name string) string { return say("stats-outcome-" + name) }), false},
		{"uncovered", say("stats-uncovered"), named(f.uncovered, func(id string) string { return topicName(lang, id) }), false},
		{"stages", say("stats-stages"), named(f.stages, func(s string) string { return say("stage-" + s) }), false},
		{"decisions", say("stats-days-to-decision"), h.times(lang, f), false},
	}
	for _, d := range drawn {
		if len(d.rows) == 0 {
			d.rows = []row{{say("stats-nothing"), 0}}
		}
		if err := bars(cells[d.cell], d.title, d.rows, d.upright); err != nil {
			return nil, fmt.Errorf("drawing %q: %w", d.title, err)
		}
	}
	return p.Bytes()
}

// maxBars is how many upright bars stand side by side with their label.
const maxBars = 31

// periods are the days, or as many days together as it takes for few enough bars.
func (h *Handler) periods(lang string, f figures) []row {
	each := (len(f.days) + maxBars - 1) / maxBars
	var list []row
	for from := 0; from < len(f.days); from += each {
		sum := 0
		for _, d := range f.days[from:min(from+each, len(f.days))] {
			sum += d.n
		}
		list = append(list, row{short(f.days[from], lang), sum})
	}
	return list
}

// short is a day where there is little room: the table has it in full.
func short(d day, lang string) string {
	if lang == "en" {
		return d.at.Format("2 Jan")
	}
	return d.at.Format("02/01")
}

// times are how long decisions took, and the time aimed at.
func (h *Handler) times(lang string, f figures) []row {
	list := []row{{h.words.Say(lang, "stats-target"), f.target}}
	if len(f.decisions) > 0 {
		list = append(list, row{h.words.Say(lang, "stats-median"), f.median()},
			row{h.words.Say(lang, "stats-longest"), f.decisions[len(f.decisions)-1]})
	}
	return list
}

// bars draws one chart: each bar with its name and its number.
func bars(p *charts.Painter, title string, list []row, upright bool) error {
	values, names, highest := make([]float64, len(list)), make([]string, len(list)), 0
	for i, r := range list {
		at := i
		if !upright {
			at = len(list) - 1 - i // the library draws from the bottom up
		}
		values[at], names[at] = float64(r.n), r.name
		highest = max(highest, r.n)
	}
	series := charts.NewSeriesListBar([][]float64{values})
	whole := func(v float64) string { return strconv.Itoa(int(v)) }
	series[0].Label = charts.SeriesLabel{Show: charts.Ptr(true), ValueFormatter: whole}
	theme := charts.GetTheme(charts.ThemeLight).WithSeriesColors([]charts.Color{ink}).WithBackgroundColor(charts.ColorWhite)
	thick := 0.75 // of the room that a bar has; a few bars do not fill all of it
	if !upright {
		thick = min(thick, 0.15*float64(len(list)))
	}
	return p.BarChart(charts.BarChartOption{
		BarSize: thick,
		Theme:   theme, Horizontal: !upright, SeriesList: series, ValueFormatter: whole,
		Padding:      charts.NewBoxEqual(20),
		Title:        charts.TitleOption{Text: title},
		Legend:       charts.LegendOption{Show: charts.Ptr(false)},
		CategoryAxis: charts.CategoryAxisOption{Labels: names},
		ValueAxis:    []charts.ValueAxisOption{{Show: charts.Ptr(false), Min: charts.Ptr(0.0), Max: charts.Ptr(float64(max(highest, 1)) * 1.15)}},
	})
}
