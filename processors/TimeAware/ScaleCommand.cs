using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Processors.TimeAware;

/// <summary>The verb <c>advise scale</c>.</summary>
internal static class ScaleCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public static Command Create()
    {
        FleetSource source = new();
        Option<double> share = CommonOptions.Double("--share", "Share of invocations that are to meet their deadline", .99, .5, .999);
        Option<double> target = CommonOptions.Double("--target", "Utilisation from which a VM is busy and calls are late", .8, .1, 1);
        Option<int> hours = CommonOptions.Int("--hours", "Hours ahead", 6, 1, Forecaster.HoursMax);
        Option<string?> cell = new("--cell") { Description = "This cell and its communities only", HelpName = "NAME" };
        Option<bool> json = new("--json") { Description = "Answer as JSON" };
        Command command = new("scale", "Says how many VMs to add or remove in the next hours, and what it costs to be wrong.") { share, target, hours, cell, json };
        source.AddTo(command);
        command.SetAction((parsed, cancel) =>
        {
            FleetOutlook fleet = source.Load(parsed, cancel);
            string? named = parsed.GetValue(cell);
            if (named is not null && !fleet.Cells.ContainsKey(named)) throw new UserException($"there is no cell '{named}'; there are {string.Join(", ", fleet.Cells.Keys)}");
            ScaleRequest request = new(parsed.GetValue(share), parsed.GetValue(target), parsed.GetValue(hours) * fleet.Clock.SlotsPerHour);
            IReadOnlyList<ScaleAdvice>[] plans = [.. fleet.Places(named).Select(p => ScaleAdvisor.Plan(p, fleet.Clock, request)).Where(p => p.Count > 0)];
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) output.WriteLine(JsonSerializer.Serialize(plans.SelectMany(p => p), Json));
            else Tell(output, fleet, request, plans);
            return Task.FromResult(0);
        });
        return command;
    }

    private static void Tell(TextWriter output, FleetOutlook fleet, ScaleRequest request, IReadOnlyList<ScaleAdvice>[] plans)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"As of {fleet.Clock.Describe(fleet.NewestUnixMs)}, so that {request.Share * 100:0.##} % of invocations come to VMs that are less than {request.Target * 100:0.##} % busy:"));
        if (plans.Length == 0) output.WriteLine("too little is known: about two days of steps are wanted before intervals can be told");
        foreach (IReadOnlyList<ScaleAdvice> plan in plans)
        {
            output.WriteLine($"{plan[0].Place}: {plan[0].Vms} VMs now");
            foreach (ScaleAdvice a in plan)
            {
                string change = a.Change switch { > 0 => $"add {a.Change}", < 0 => $"remove {-a.Change}", _ => "keep" };
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {fleet.Clock.Describe(a.StartUnixMs)}  {change,-12} to {a.VmsWanted,5} VMs: late {a.Wanted.LateProbability * 100:0.0} %, idle {a.Wanted.IdleCoreHours:0.0} core-h; one fewer: late {a.Fewer.LateProbability * 100:0.0} %, {a.Fewer.MissingCores - a.Wanted.MissingCores:0.00} cores more missing; one more: late {a.More.LateProbability * 100:0.0} %, {a.More.IdleCoreHours - a.Wanted.IdleCoreHours:0.0} core-h more idle"));
            }
        }
    }
}
