namespace Pipeline.Predictor.Scoring;

/// <summary>
/// Turns one VM's window as it stands in a snapshot into the network's channels: encoded signals, unknown values carried
/// forward, then one mask per signal (1: known).
/// </summary>
public sealed class WindowEncoder
{
    private readonly int _steps;
    private readonly SignalEncoding[] _encodings;
    private readonly int[] _signalOf;
    private readonly int _signals;

    /// <param name="steps">Window length T of the network.</param>
    /// <param name="signals">The network's signals.</param>
    public WindowEncoder(int steps, IReadOnlyList<string> signals)
    {
        _steps = steps;
        _signals = signals.Count;
        _encodings = [.. signals.SelectMany(SignalEncoding.Of)];
        _signalOf = [.. signals.SelectMany((s, i) => SignalEncoding.Of(s).Select(_ => i))];
    }

    /// <summary>Channels C of the encoded window.</summary>
    public int Channels => _encodings.Length + _signals;

    /// <summary>Encodes one VM.</summary>
    /// <param name="window">float16 bits, [steps of the snapshot, signals of the snapshot], newest last.</param>
    /// <param name="columns">Where each of the network's signals stands in the snapshot; -1: nowhere.</param>
    /// <param name="stride">Signals of the snapshot.</param>
    /// <param name="encoded">[T, C].</param>
    /// <returns>Steps since the newest known CPU utilisation, which is the first signal; T when there is none.</returns>
    public int Encode(ReadOnlySpan<ushort> window, ReadOnlySpan<int> columns, int stride, Span<float> encoded)
    {
        int channels = Channels, values = _encodings.Length, age = _steps;
        window = window[(window.Length - _steps * stride)..];
        encoded = encoded[..(_steps * channels)];
        encoded.Clear();
        for (int c = 0; c < values; c++)
        {
            int signal = _signalOf[c], column = columns[signal];
            if (column < 0) continue;
            SignalEncoding encoding = _encodings[c];
            float newest = 0f;
            for (int t = 0, from = column, to = c; t < _steps; t++, from += stride, to += channels)
            {
                float value = encoding[window[from]];
                if (!float.IsNaN(value))
                {
                    newest = value;
                    encoded[t * channels + values + signal] = 1f;
                    if (signal == 0) age = _steps - 1 - t;
                }
                encoded[to] = newest;
            }
        }
        return age;
    }

    /// <summary>Reads CPU utilisation back: its first channel is the share as it is.</summary>
    /// <param name="encoded">[T, C].</param>
    /// <param name="to">[T]; NaN where missing.</param>
    public void DecodeCpu(ReadOnlySpan<float> encoded, Span<float> to)
    {
        for (int t = 0; t < _steps; t++) to[t] = encoded[t * Channels + _encodings.Length] > 0 ? encoded[t * Channels] : float.NaN;
    }

    /// <summary>Makes an encoded window what it would be without the newest steps of one signal.</summary>
    /// <param name="encoded">[T, C].</param>
    /// <param name="signal">Which of the network's signals.</param>
    /// <param name="newest">So many steps; T: the signal was never there.</param>
    /// <returns>Steps since its newest known value; T when none is left.</returns>
    public int Withhold(Span<float> encoded, int signal, int newest)
    {
        int channels = Channels, mask = _encodings.Length + signal, age = _steps;
        for (int t = 0; t < _steps; t++)
        {
            Span<float> step = encoded.Slice(t * channels, channels), before = t == 0 ? [] : encoded.Slice((t - 1) * channels, channels);
            if (t < _steps - newest)
            {
                if (step[mask] > 0) age = _steps - 1 - t;
                continue;
            }
            step[mask] = 0f;
            for (int c = 0; c < _encodings.Length; c++)
                if (_signalOf[c] == signal) step[c] = newest == _steps || t == 0 ? 0f : before[c];
        }
        return age;
    }
}
