using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Processors.TimeAware;

/// <summary>The verb <c>advise</c>: when and where is there room. Its own verbs: when to scale, and how good all of it is.</summary>
internal static class AdviseCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public static Command Create()
    {
        FleetSource source = new();
        Option<double> cores = CommonOptions.Double("--cores", "Cores that have to be free", 1, .01, 10_000_000);
        Option<double> memory = AdviseOptions.Memory();
        Option<TimeSpan> length = CommonOptions.Duration("--for", "For how long, such as 2h; up to a day", TimeSpan.FromHours(1));
        Option<TimeSpan> within = CommonOptions.Duration("--within", "From now, start and end; up to a day", TimeSpan.FromHours(24));
        Option<string?> cell = new("--cell") { Description = "Look in this cell only", HelpName = "NAME" };
        Option<double> confidence = CommonOptions.Double("--confidence", "Probability with which the room is there", .95, .5, .999);
        Option<bool> json = new("--json") { Description = "Answer as JSON" };
        Command command = new("advise", "Says when and where there is room.") { cores, memory, length, within, cell, confidence, json };
        source.AddTo(command);
        command.Validators.Add(result =>
        {
            // Defaults are not there yet.
            TimeSpan f = result.GetResult(length) is { Implicit: false } ? result.GetValue(length) : TimeSpan.FromHours(1), w = result.GetResult(within) is { Implicit: false } ? result.GetValue(within) : TimeSpan.FromHours(24);
            if (f <= TimeSpan.Zero || f > TimeSpan.FromDays(1)) result.AddError($"--for is {f}; above 0 and up to a day is allowed");
            if (w > TimeSpan.FromDays(1)) result.AddError($"--within is {w}; forecasts reach a day ahead");
            else if (f > w) result.AddError("--for is longer than --within: nothing fits");
        });
        command.SetAction((parsed, cancel) =>
        {
            FleetOutlook fleet = source.Load(parsed, cancel);
            string? named = parsed.GetValue(cell);
            if (named is not null && !fleet.Cells.ContainsKey(named)) throw new UserException($"there is no cell '{named}'; there are {string.Join(", ", fleet.Cells.Keys)}");
            RoomRequest request = new(parsed.GetValue(cores), parsed.GetValue(memory), parsed.GetValue(length), parsed.GetValue(within), parsed.GetValue(confidence));
            IReadOnlyList<RoomOffer> offers = RoomAdvisor.Find(fleet.Places(named), fleet.Clock, fleet.NewestUnixMs, request);
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) output.WriteLine(JsonSerializer.Serialize(offers, Json));
            else Tell(output, fleet, request, offers);
            return Task.FromResult(0);
        });
        command.Add(ScaleCommand.Create());
        command.Add(BacktestCommand.Create());
        command.Add(TuneCommand.Create());
        command.Add(ChangesCommand.Create());
        command.Add(AdviceServeCommand.Create());
        return command;
    }

    private static void Tell(TextWriter output, FleetOutlook fleet, RoomRequest request, IReadOnlyList<RoomOffer> offers)
    {
        string asked = string.Create(CultureInfo.InvariantCulture, $"{request.Cores:0.##} cores") + (request.MemoryBytes > 0 ? " and " + Memory(request.MemoryBytes) : "");
        output.WriteLine($"As of {fleet.Clock.Describe(fleet.NewestUnixMs)}, {asked} for {request.For.TotalHours.ToString("0.##", CultureInfo.InvariantCulture)} h:");
        if (offers.Count == 0) output.WriteLine("no start fits: forecasts reach 24 hours from the last whole slot, so give a shorter --for or a longer --within");
        else if (!offers[0].Enough) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"nowhere is so much room with {request.Confidence * 100:0.##} % confidence; nearest to it:"));
        foreach (RoomOffer offer in offers)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(offer.Enough ? "yes" : "no "),-3} {fleet.Clock.Describe(offer.StartUnixMs)} in {offer.Place}: expected {offer.ExpectedCores:0.0} cores{Memory(offer.ExpectedMemoryBytes)}, guaranteed {Cores(offer.GuaranteedCores)}{Memory(offer.GuaranteedMemoryBytes)}"));
            output.WriteLine("    why: " + offer.Why);
        }
    }

    private static string Cores(double? cores) => cores is { } c ? c.ToString("0.0", CultureInfo.InvariantCulture) + " cores" : "not known yet";

    private static string Memory(double? bytes) => bytes is { } b ? " and " + Memory(b) : "";

    private static string Memory(double bytes) => (bytes / (1L << 30)).ToString("0.0", CultureInfo.InvariantCulture) + " GiB";
}
