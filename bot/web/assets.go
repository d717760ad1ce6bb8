package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"strings"
)

var (
	//go:embed static
	staticFiles embed.FS
	//go:embed templates
	templateFiles embed.FS
)

// assets are the files that the pages load, each under a name that changes with its content, so that browsers keep
// them for good.
type assets struct {
	names map[string]string // "chat.js" → "chat.1a2b3c4d.js"
	files map[string]asset  // by the latter
}

type asset struct {
	kind string
	data []byte
}

func readAssets() (assets, error) {
	a := assets{names: map[string]string{}, files: map[string]asset{}}
	for name, kind := range map[string]string{
		"chat.js": "text/javascript; charset=utf-8", "style.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml",
	} {
		data, err := staticFiles.ReadFile("static/" + name)
		if err != nil {
			return assets{}, err
		}
		sum := sha256.Sum256(data)
		extension := path.Ext(name)
		hashed := strings.TrimSuffix(name, extension) + "." + hex.EncodeToString(sum[:4]) + extension
		a.names[name], a.files[hashed] = hashed, asset{kind: kind, data: data}
	}
	return a, nil
}

// url is where an asset is.
func (a assets) url(name string) (string, error) {
	hashed, ok := a.names[name]
	if !ok {
		return "", fmt.Errorf("no asset is called %q", name)
	}
	return "/static/" + hashed, nil
}

func (p *Platform) static(w http.ResponseWriter, r *http.Request) {
	a, ok := p.assets.files[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(a.data) // the reader may be gone
}

func readTemplates() (*template.Template, error) {
	return template.New("").Funcs(template.FuncMap{"markdown": markdown, "spaced": spaced}).ParseFS(templateFiles, "templates/*.html")
}
