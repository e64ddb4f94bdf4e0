using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Traces;

namespace Pipeline.Ingest.Replay;

/// <summary>Which part of a trace is played, as what, and how fast.</summary>
public sealed record ReplayOptions
{
    /// <summary>Most invocations of one replay: they are drawn beforehand, 16 bytes each.</summary>
    public const int InvocationsMax = 10_000_000;

    /// <summary>VMs of the trace, from the first on; 0: all.</summary>
    public int Vms { get; init; }

    /// <summary>Cells that the VMs are dealt out to in turn: cell-0, cell-1, ...</summary>
    public int Cells { get; init; } = 1;

    /// <summary>What the cells' numbers are put behind.</summary>
    public string CellPrefix { get; init; } = "cell-";

    /// <summary>Slot to begin with.</summary>
    public int StartSlot { get; init; }

    /// <summary>Event time that is played, hours.</summary>
    public double Hours { get; init; } = 24;

    /// <summary>Time between two reports of a VM; null: the trace's slot. A part of the slot, so that a report is about one slot.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>Whether the VMs' reports are sent.</summary>
    public bool Reports { get; init; } = true;

    /// <summary>Calls that are drawn; 0: none.</summary>
    public int Invocations { get; init; }

    /// <summary>Calls begin so much later than reports, so that there is a fleet to run them.</summary>
    public TimeSpan InvocationsAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Seconds of event time per second; 0: as fast as possible.</summary>
    public double Speed { get; init; }

    /// <summary>Of the drawing of calls.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The first slot of a day of the trace, counted from 1.</summary>
    /// <exception cref="UserException">The trace has no such day.</exception>
    public static int FirstSlotOfDay(FleetTrace trace, int day)
    {
        int slots = (int)(TimeSpan.MillisecondsPerDay / trace.SlotMs);
        int days = (trace.SlotCount + slots - 1) / slots;
        return day >= 1 && day <= days ? (day - 1) * slots : throw new UserException($"--day is {day}; the trace has days 1 to {days}");
    }
}
