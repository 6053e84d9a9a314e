{{/* Every workload by its name ("routing", "channel-sms") as JSON: services and channels with their defaults filled in. */}}
{{- define "tocsin.workloads" -}}
{{- $all := dict -}}
{{- range $name, $spec := .Values.services -}}
{{- $_ := set $all $name (mergeOverwrite (dict "kind" "service" "replicas" 2 "database" false "peers" list "env" dict "files" list "providers" list) (deepCopy $spec)) -}}
{{- end -}}
{{- range $key, $spec := .Values.channels -}}
{{- $defaults := mergeOverwrite (dict "kind" "channel" "replicas" 2 "database" false "peers" list "env" dict "files" list "providers" list) (deepCopy $.Values.channelDefaults) -}}
{{- $_ := set $all (printf "channel-%s" $key) (mergeOverwrite $defaults (deepCopy ($spec | default dict))) -}}
{{- end -}}
{{- toJson $all -}}
{{- end -}}

{{/* Name of a workload's objects; takes (list root name). */}}
{{- define "tocsin.name" -}}
{{- printf "%s-%s" (index . 0).Release.Name (index . 1) | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* A name of a workload's by a pattern: "{name}" is tocsin-routing, "{workload}" routing; takes (list root name pattern). */}}
{{- define "tocsin.filled" -}}
{{- index . 2 | replace "{name}" (include "tocsin.name" (list (index . 0) (index . 1))) | replace "{workload}" (index . 1) -}}
{{- end -}}

{{/* Labels that select the pods of a workload; takes (list root name). */}}
{{- define "tocsin.selector" -}}
app.kubernetes.io/part-of: tocsin
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/name: {{ index . 1 }}
{{- end -}}

{{/* A selector of the pods of a workload, on one line; takes (list root name). */}}
{{- define "tocsin.match" -}}
{{- dict "matchLabels" (include "tocsin.selector" . | fromYaml) | toJson -}}
{{- end -}}

{{- define "tocsin.labels" -}}
{{ include "tocsin.selector" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
helm.sh/chart: {{ printf "%s-%s" (index . 0).Chart.Name (index . 0).Chart.Version }}
{{- end -}}

{{/* "channel-sms" -> "CHANNEL_SMS" */}}
{{- define "tocsin.variable" -}}
{{- . | upper | replace "-" "_" -}}
{{- end -}}
