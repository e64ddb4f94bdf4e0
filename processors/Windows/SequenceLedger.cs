using Pipeline.Schemas;

namespace Pipeline.Processors.Windows;

/// <summary>
/// Which sequence numbers of one VM have not arrived. An agent numbers its reports one by one, so between two reports as many are missing
/// as numbers are. A number that begins anew with a later time is an agent that was started again without its memory, and nothing is missing.
/// <code>
///   numbers   first ... last of those heard     open gap ──(all around it is final)──► given up ──(a late report)──► recovered
/// </code>
/// A gap keeps the times of the reports around it: a number that was used twice, by an agent before and after its restart, is told apart by them.
/// </summary>
internal sealed class SequenceLedger
{
    /// <summary>More gaps than this are not remembered: of the oldest, late reports count as repeated.</summary>
    public const int GapsMax = 32;

    private List<Gap>? _gaps;
    private ulong _first, _last, _oldLast;
    private long _firstMs, _lastMs, _floorMs = long.MinValue;
    private uint _overflow;

    /// <summary>It was taken over from a published step: what is fed again is in it.</summary>
    public bool IsRestored { get; private set; }

    /// <summary>Takes a report.</summary>
    /// <param name="sequence">Its number; 0: the sender does not number.</param>
    /// <param name="timeMs">Its time, Unix milliseconds.</param>
    public SequenceArrival Take(ulong sequence, long timeMs)
    {
        if (sequence == 0) return SequenceArrival.New;
        if (_last == 0)
        {
            (_first, _firstMs, _last, _lastMs) = (sequence, timeMs, sequence, timeMs);
            return SequenceArrival.New;
        }
        if (timeMs > _lastMs && sequence <= _last)
        {
            // Begun anew. What the new numbering may reach down to lies after the old one.
            (_oldLast, _floorMs) = (_last, _lastMs);
            (_first, _firstMs, _last, _lastMs) = (sequence, timeMs, sequence, timeMs);
            return SequenceArrival.New;
        }
        if (timeMs > _lastMs || (timeMs == _lastMs && sequence > _last)) return Advance(sequence, timeMs);
        if (TryFill(sequence, timeMs) is { } filled) return filled;
        // A clock that was set back goes on with higher numbers at earlier times.
        if (_first == 0 || timeMs >= _firstMs || (_oldLast == 0 && sequence > _last)) return sequence > _last ? Advance(sequence, timeMs) : SequenceArrival.Repeated;
        return _oldLast != 0 && sequence > _oldLast ? AdvanceOld(sequence, timeMs) : ReachDown(sequence, timeMs);
    }

    private SequenceArrival Advance(ulong sequence, long timeMs)
    {
        if (sequence > _last + 1) Open(new Gap(_last + 1, sequence - 1, Math.Min(_lastMs, timeMs), Math.Max(_lastMs, timeMs), false));
        (_last, _lastMs) = (sequence, timeMs);
        return SequenceArrival.New;
    }

    /// <summary>A report of the numbering before this one, from after the last that was heard of it.</summary>
    private SequenceArrival AdvanceOld(ulong sequence, long timeMs)
    {
        if (timeMs <= _floorMs) return SequenceArrival.Repeated;
        if (sequence > _oldLast + 1) Open(new Gap(_oldLast + 1, sequence - 1, _floorMs, timeMs, false));
        (_oldLast, _floorMs) = (sequence, timeMs);
        return SequenceArrival.New;
    }

    /// <summary>A report from before the first that was heard of this numbering.</summary>
    private SequenceArrival ReachDown(ulong sequence, long timeMs)
    {
        if (sequence >= _first || timeMs <= _floorMs) return SequenceArrival.Repeated;
        if (sequence + 1 < _first) Open(new Gap(sequence + 1, _first - 1, timeMs, _firstMs, false));
        (_first, _firstMs) = (sequence, timeMs);
        return SequenceArrival.New;
    }

    /// <summary>Gives up what is final, and forgets what nobody will bring any more.</summary>
    /// <param name="finalMs">Nothing up to this time revises a step.</param>
    /// <param name="forgetMs">Gaps that end before this time are forgotten.</param>
    /// <returns>Numbers given up.</returns>
    public uint GiveUp(long finalMs, long forgetMs)
    {
        if (_first != 0 && _firstMs < forgetMs) (_first, _oldLast, _floorMs) = (0, 0, long.MinValue);
        uint missing = _overflow;
        _overflow = 0;
        if (_gaps is null) return missing;
        for (int i = 0; i < _gaps.Count; i++)
        {
            Gap gap = _gaps[i];
            if (gap.GivenUp || gap.BeforeMs > finalMs) continue;
            missing += gap.Count;
            _gaps[i] = gap with { GivenUp = true };
        }
        _gaps.RemoveAll(g => g.GivenUp && g.BeforeMs < forgetMs);
        if (_gaps.Count == 0) _gaps = null;
        return missing;
    }

    public SequenceState? Write()
    {
        if (_last == 0) return null;
        SequenceState state = new() { Last = _last, LastMs = _lastMs };
        if (_first != 0) (state.First, state.FirstMs, state.FloorMs, state.OldLast) = (_first, _firstMs, _oldLast == 0 ? 0 : _floorMs, _oldLast);
        foreach (Gap gap in _gaps ?? [])
            state.Gaps.Add(new SequenceGap { First = gap.First, Last = gap.Last, AfterMs = gap.AfterMs, BeforeMs = gap.BeforeMs, GivenUp = gap.GivenUp });
        return state;
    }

    public void Restore(SequenceState? state)
    {
        IsRestored = true;
        (_last, _lastMs) = (state?.Last ?? 0, state?.LastMs ?? 0);
        (_first, _firstMs, _oldLast) = (state?.First ?? 0, state?.FirstMs ?? 0, state?.OldLast ?? 0);
        _floorMs = _oldLast == 0 ? long.MinValue : state!.FloorMs;
        _gaps = state is { Gaps.Count: > 0 } ? [.. state.Gaps.Select(g => new Gap(g.First, g.Last, g.AfterMs, g.BeforeMs, g.GivenUp))] : null;
    }

    private SequenceArrival? TryFill(ulong sequence, long timeMs)
    {
        for (int i = 0; i < _gaps?.Count; i++)
        {
            Gap gap = _gaps[i];
            if (sequence < gap.First || sequence > gap.Last || timeMs < gap.AfterMs || timeMs > gap.BeforeMs) continue;
            _gaps.RemoveAt(i);
            if (sequence < gap.Last) _gaps.Insert(i, gap with { First = sequence + 1, AfterMs = timeMs });
            if (sequence > gap.First) _gaps.Insert(i, gap with { Last = sequence - 1, BeforeMs = timeMs });
            Bound();
            return gap.GivenUp ? SequenceArrival.Recovered : SequenceArrival.New;
        }
        return null;
    }

    private void Open(Gap gap)
    {
        (_gaps ??= []).Add(gap);
        Bound();
    }

    private void Bound()
    {
        while (_gaps!.Count > GapsMax)
        {
            if (!_gaps[0].GivenUp) _overflow += _gaps[0].Count;
            _gaps.RemoveAt(0);
        }
    }

    private readonly record struct Gap(ulong First, ulong Last, long AfterMs, long BeforeMs, bool GivenUp)
    {
        public uint Count => (uint)Math.Min(Last - First + 1, uint.MaxValue);
    }
}
