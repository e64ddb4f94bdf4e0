using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Pipeline.Schemas;

namespace Pipeline.Ingest.Agent;

/// <summary>A report for people: JSON with the field names of metrics.proto.</summary>
internal static class ReportJson
{
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true));

    private static readonly JsonSerializerOptions Line = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }, Indented = new(Line) { WriteIndented = true };

    public static string Format(VmReport report, bool indented)
    {
        JsonNode json = JsonNode.Parse(Formatter.Format(report))!;
        if (!report.Machine.IsEmpty) json["machine"] = JsonNode.Parse(Formatter.Format(MachineDetail.Parser.ParseFrom(report.Machine)));
        if (!report.Agent.IsEmpty) json["agent"] = JsonNode.Parse(Formatter.Format(AgentState.Parser.ParseFrom(report.Agent)));
        return json.ToJsonString(indented ? Indented : Line);
    }
}
