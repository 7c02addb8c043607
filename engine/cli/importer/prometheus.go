package importer

import (
	"slices"
	"strings"

	"polyhealth/engine/cli/draft"
)

// prometheus makes checks of the jobs that ask a blackbox exporter.
func (b *blackbox) prometheus(root *section, file *draft.Map) {
	global := root.sub("global")
	defaults := &draft.Map{}
	defaults.Set("interval", draft.Plain(orElse(string(global.duration("scrape_interval")), "60s")))
	file.Set("defaults", defaults).Note("the scrape_interval of Prometheus")
	for _, job := range root.subs("scrape_configs") {
		b.job(job, defaults)
	}
}

// asExporter are keys of a job that say how Prometheus reaches the exporter.
var asExporter = []string{
	"scheme", "honor_labels", "honor_timestamps", "authorization", "basic_auth", "tls_config", "proxy_url",
	"metric_relabel_configs", "sample_limit", "scrape_timeout", "metrics_path",
}

func (b *blackbox) job(job *section, defaults *draft.Map) {
	name := orElse(job.text("job_name"), "job")
	params := job.sub("params")
	modules := params.texts("module")
	if job.text("metrics_path") != "/probe" && len(modules) == 0 {
		b.checks.Comment("%s", notImported("job "+name, "it does not ask a blackbox exporter"))
		return
	}
	for _, key := range asExporter {
		job.asked[key] = true
	}
	interval := job.duration("scrape_interval")
	targets := job.subs("static_configs")
	if extra := params.texts("target"); len(extra) > 0 {
		b.check(name, firstOf(modules, "http_2xx"), extra, nil, interval)
	}
	for _, s := range targets {
		tags, module := b.labels(s.pairs("labels"), firstOf(modules, "http_2xx"))
		b.check(name, module, s.texts("targets"), tags, interval)
		s.rest(b.checks, nil)
	}
	b.relabeled(job, name)
	params.rest(b.checks, nil)
	job.rest(b.checks, discoveries(job))
}

func firstOf(texts []string, fallback string) string {
	if len(texts) == 0 {
		return fallback
	}
	return texts[0]
}

// discoveries are the reasons for keys that find targets elsewhere.
func discoveries(job *section) map[string]string {
	why := map[string]string{}
	for _, e := range job.node.Entries {
		if strings.HasSuffix(e.Key.Value, "_sd_configs") {
			why[e.Key.Value] = "only the targets of static_configs are in the file"
		}
	}
	return why
}

// labels are tags. One of them may name the module.
func (b *blackbox) labels(labels *draft.Map, module string) (tags []string, named string) {
	for _, p := range labels.Live() {
		text := string(p.Value.(draft.Text))
		if p.Key == "module" || p.Key == "__param_module" {
			module = text
			continue
		}
		tags = append(tags, p.Key+"="+text)
	}
	return tags, module
}

// usual are the labels that every job of a blackbox exporter sets.
var usual = []string{"__param_target", "__param_module", "instance", "__address__", "target", ""}

func (b *blackbox) relabeled(job *section, name string) {
	for _, s := range job.subs("relabel_configs") {
		if target := s.text("target_label"); !slices.Contains(usual, target) {
			b.lose(b.checks, "job "+name+", relabel_configs", "it sets "+target)
		}
	}
}

// check makes a check of targets that have the same labels.
func (b *blackbox) check(job, module string, targets, tags []string, interval draft.Plain) {
	m := b.modules[module]
	if m == nil {
		b.lose(b.checks, "job "+job, "there is no module "+module)
		return
	}
	name, c := unused(b.checks, checkName(job)), &draft.Map{}
	c.Set("uses", draft.Text(m.name))
	setPlain(c, "interval", interval)
	if len(tags) > 0 {
		c.Set("tags", draft.Texts(tags...))
	}
	if n := b.forEach(c, m, name, targets); n > 0 {
		b.targets += n
		m.used = true
		b.checks.Set(name, c)
	}
}
