namespace Pipeline.Processors.Windows;

/// <summary>One step of a cell that is not final yet.</summary>
internal sealed class StepWindow(long step)
{
    private VmWindow?[] _vms = [];
    private VmTally[] _tallies = [];
    private uint[] _inTime = [];

    /// <summary>Number of the step.</summary>
    public long Step { get; } = step;

    /// <summary>Offset of the first record with a report of this step; <see cref="long.MaxValue"/> where there is none.</summary>
    public long FirstOffset { get; private set; } = long.MaxValue;

    /// <summary>Offset of the last one counted.</summary>
    public long LastOffset { get; private set; } = -1;

    /// <summary>Newest revision published; -1: not yet.</summary>
    public int Revision { get; private set; } = -1;

    /// <summary>What the newest publication followed on.</summary>
    public long PublishedAt { get; private set; } = -1;

    /// <summary>It was published, and has changed since.</summary>
    public bool Dirty => Revision >= 0 && LastOffset > PublishedAt;

    public bool HasReports => LastOffset >= 0;

    /// <summary>What a VM reported in this step; null: nothing.</summary>
    public VmWindow? this[VmState vm] => vm.Slot < _vms.Length ? _vms[vm.Slot] : null;

    /// <summary>Counts a report; false when it was counted before.</summary>
    public bool Add(VmState vm, in Report report, long offset)
    {
        if (vm.Slot >= _vms.Length) Array.Resize(ref _vms, Math.Max(vm.Slot + 1, _vms.Length * 2));
        VmWindow window = _vms[vm.Slot] ??= new VmWindow();
        if (!window.Add(report.Values, report.Calls)) return false;
        FirstOffset = Math.Min(FirstOffset, offset);
        LastOffset = offset;
        return true;
    }

    public void Published(int revision, long offset) => (Revision, PublishedAt) = (revision, offset);

    /// <summary>How many of a VM's reports were in time, that is in the first publication; with it the number of now is taken.</summary>
    public uint InTime(VmState vm, uint reports)
    {
        if (Revision > 0) return vm.Slot < _inTime.Length ? _inTime[vm.Slot] : 0;
        if (vm.Slot >= _inTime.Length) Array.Resize(ref _inTime, Math.Max(vm.Slot + 1, _inTime.Length * 2));
        return _inTime[vm.Slot] = reports;
    }

    /// <summary>What else there was about a VM while this was the open step.</summary>
    public VmTally TallyOf(VmState vm) => vm.Slot < _tallies.Length ? _tallies[vm.Slot] : default;

    public void SetTally(VmState vm, in VmTally tally)
    {
        if (tally == default) return;
        if (vm.Slot >= _tallies.Length) Array.Resize(ref _tallies, Math.Max(vm.Slot + 1, _tallies.Length * 2));
        _tallies[vm.Slot] = tally;
    }
}
