using Pipeline.Infra.Randomness;
using Pipeline.Infra.Traces;

namespace Pipeline.Processors.TimeAware;

/// <summary>
/// Plants changes in some VMs of a trace and looks what is told of these, and of those that were left as they are. A change that the trace
/// has by itself counts as false.
/// </summary>
internal sealed class PlantedChanges(FleetTrace trace, ChangesOptions options)
{
    private static readonly ChangeKind[] Kinds = [ChangeKind.LevelShift, ChangeKind.Silence, ChangeKind.NewPeriod];

    private readonly int day = (int)(TimeSpan.MillisecondsPerDay / trace.SlotMs);

    public ChangesResult Run(CancellationToken cancel)
    {
        SlotClock clock = new(options.SlotMinutes, options.Zone);
        Dictionary<string, (ChangeKind Kind, int Slot)> planted = Plant();
        Dictionary<string, List<Change>> told = [];
        TraceFeed feed = new(trace);
        CellOutlook cell = new(TraceFeed.Cell, clock, ProfileOptions.Default);
        for (int slot = 0; slot < trace.SlotCount; slot++)
        {
            cancel.ThrowIfCancellationRequested();
            if (!cell.Feed(feed.EndUnixMs(slot), Changed(feed.At(slot), slot, planted))) continue;
            foreach (SubjectChange change in cell.Changes)
            {
                if (change.Vm is not { } vm || clock.StartUnixMs(change.Change.FoundSlot) < trace.SlotStartUnixMs(options.First)) continue;
                if (!told.TryGetValue(vm, out List<Change>? list)) told[vm] = list = [];
                list.Add(change.Change);
            }
        }
        Change[] others = [.. told.Where(t => !planted.ContainsKey(t.Key)).SelectMany(t => t.Value)];
        double days = (trace.Vms.Count - planted.Count) * (trace.SlotCount - options.First) / (double)day;
        return new ChangesResult
        {
            FirstSlot = options.First,
            Seed = options.Seed,
            Planted = [.. Kinds.Select(k => Judge(k, planted, told, clock))],
            VmDays = days,
            FalsePer100VmDays = days > 0 ? others.Length / days * 100 : null,
            FalseByKind = Kinds.ToDictionary(k => k.ToString(), k => others.Count(c => c.Kind == k)),
        };
    }

    private Dictionary<string, (ChangeKind, int)> Plant()
    {
        SplitMix random = new(options.Seed);
        int span = Math.Max(1, (trace.SlotCount - options.First) * 5 / 9);
        string[] chosen = [.. trace.Vms.Select(vm => (Vm: vm, At: random.NextDouble())).OrderBy(v => v.At).Take(options.PerKind * Kinds.Length).Select(v => v.Vm)];
        return chosen.Select((vm, i) => (vm, Kinds[i % Kinds.Length], options.First + (int)(random.NextDouble() * span))).ToDictionary(p => p.vm, p => (p.Item2, p.Item3), StringComparer.Ordinal);
    }

    private VmSample[] Changed(VmSample[] samples, int slot, Dictionary<string, (ChangeKind Kind, int Slot)> planted)
    {
        for (int v = 0; v < samples.Length; v++)
        {
            if (!planted.TryGetValue(samples[v].Vm, out (ChangeKind Kind, int Slot) change) || slot < change.Slot) continue;
            double hours = (slot - change.Slot) * trace.SlotMs / 3_600_000.0;
            double cpu = change.Kind switch
            {
                ChangeKind.LevelShift => samples[v].Cpu + options.Shift,
                ChangeKind.NewPeriod => samples[v].Cpu + (options.Shift / 2 * (1 + Math.Sin(hours * Math.Tau / options.PeriodHours))),
                _ => double.NaN,
            };
            samples[v] = samples[v] with { Cpu = (float)Math.Clamp(cpu, 0, 1) };
        }
        return samples;
    }

    private PlantedKind Judge(ChangeKind kind, Dictionary<string, (ChangeKind Kind, int Slot)> planted, Dictionary<string, List<Change>> told, SlotClock clock)
    {
        List<double> after = [], off = [];
        int count = 0;
        foreach ((string vm, (ChangeKind was, int slot)) in planted)
        {
            if (was != kind) continue;
            count++;
            long at = clock.SlotOf(trace.SlotStartUnixMs(slot));
            if (!told.TryGetValue(vm, out List<Change>? changes) || changes.FindIndex(c => c.Kind == kind && c.FoundSlot >= at) is not (>= 0 and int first)) continue;
            double hours = clock.SlotMinutes / 60.0;
            after.Add((changes[first].FoundSlot + 1 - at) * hours);
            off.Add(Math.Abs(changes[first].StartSlot - at) * hours);
        }
        return new PlantedKind(kind.ToString(), count, after.Count, At(after, .5), At(after, .9), At(off, .5));
    }

    private static double? At(List<double> values, double level) => values.Count == 0 ? null : values.Order().ElementAt((int)Math.Min(values.Count - 1, Math.Floor(level * values.Count)));
}
