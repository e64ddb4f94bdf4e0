using System.Net;
using System.Net.Sockets;

namespace Pipeline.Tests.Faults.Rig;

/// <summary>Stands between clients and a broker, and can stop passing things on: connections stay open and new ones are accepted, but nothing comes out.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly int target;
    private readonly CancellationTokenSource stop = new();
    private readonly Task accepting;
    private readonly Lock gate = new();
    private CancellationTokenSource connections = new();
    private TaskCompletionSource? requestsHeld, answersHeld;

    /// <param name="target">Port of the broker on loopback.</param>
    public TcpProxy(int target)
    {
        this.target = target;
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>From now on the broker hears nothing and says nothing.</summary>
    public void Mute()
    {
        lock (gate) (requestsHeld, answersHeld) = (requestsHeld ?? Held(), answersHeld ?? Held());
    }

    /// <summary>From now on the broker hears all and does it, but nobody learns of it.</summary>
    public void MuteAnswers()
    {
        lock (gate) answersHeld ??= Held();
    }

    /// <summary>Passes on what was held back, and all that follows.</summary>
    public void Speak()
    {
        lock (gate)
        {
            requestsHeld?.SetResult();
            answersHeld?.SetResult();
            (requestsHeld, answersHeld) = (null, null);
        }
    }

    /// <summary>Cuts every connection, with what was held back, and passes new ones on.</summary>
    public void CutAndSpeak()
    {
        lock (gate)
        {
            connections.Cancel();
            connections = new CancellationTokenSource();
        }
        Speak();
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        lock (gate) connections.Cancel();
        listener.Stop();
        await accepting;
        listener.Dispose();
        stop.Dispose();
    }

    private static TaskCompletionSource Held() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task AcceptAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                TcpClient client = await listener.AcceptTcpClientAsync(stop.Token);
                lock (gate) _ = ServeAsync(client, connections.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                if (stop.IsCancellationRequested) return;
            }
        }
    }

    private async Task ServeAsync(TcpClient client, CancellationToken cut)
    {
        using (client)
        using (TcpClient broker = new())
        using (CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cut))
        {
            try
            {
                await broker.ConnectAsync(IPAddress.Loopback, target, over.Token);
                client.NoDelay = broker.NoDelay = true;
                await Task.WhenAny(
                    PumpAsync(client.GetStream(), broker.GetStream(), () => requestsHeld, over.Token),
                    PumpAsync(broker.GetStream(), client.GetStream(), () => answersHeld, over.Token));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // The broker is away, or the connection is to be cut: either way the client sees its end.
            }
            await over.CancelAsync();
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, Func<TaskCompletionSource?> held, CancellationToken cancel)
    {
        byte[] buffer = new byte[65536];
        try
        {
            while (await from.ReadAsync(buffer, cancel) is > 0 and int count)
            {
                Task? wait;
                lock (gate) wait = held()?.Task;
                if (wait is not null) await wait.WaitAsync(cancel);
                await to.WriteAsync(buffer.AsMemory(0, count), cancel);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side has gone: the other is told by the end of its connection.
        }
    }
}
