using System.CommandLine;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Tests.Benchmarks.ShortTerm;

/// <summary><c>short-term</c>: what the predictor's word is worth to the forecast of the next hour, on a trace.</summary>
internal static class ShortTermCommand
{
    public static Command Create()
    {
        Option<DirectoryInfo> trace = CommonOptions.Folder("--trace", "Folder with a fleet's trace");
        trace.Required = true;
        Option<FileInfo> model = new("--model") { Description = "Model of the predictor (gnn.onnx, its card beside it), trained on none of the judged days", HelpName = "FILE", Required = true };
        model.AcceptExistingOnly();
        Option<int> days = CommonOptions.Int("--days", "Last days, which are judged", 9, 1, 1000);
        Option<string> zone = new("--time-zone") { Description = "Time zone that weeks are cut by", HelpName = "ZONE", DefaultValueFactory = _ => "UTC" };
        Command command = new("short-term", "What the predictor's word about the next hour is worth to forecasts of free capacity, on a trace.") { trace, model, days, zone };
        command.SetAction((parsed, cancel) =>
        {
            new ShortTermRun(parsed.GetRequiredValue(trace), parsed.GetRequiredValue(model), parsed.GetValue(days), parsed.GetValue(zone)!).Run(parsed.InvocationConfiguration.Output, cancel);
            return Task.FromResult(0);
        });
        return command;
    }
}
